import { BullModule } from '@nestjs/bullmq';
import { Module, type DynamicModule } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { JournalReader } from './journal-reader';
import { queueName, TaskQueues } from './task-queues';
import { RunningTasks } from './running-tasks';
import { TaskCancellations } from './task-cancellations';
import { TaskHistory } from './task-history';
import { TaskHook } from './task-hook';
import { TaskPurge } from './task-purge';
import { TaskRetries } from './task-retries';
import { TaskRunner } from './task-runner';
import { TasksService } from './tasks.service';
import { TasksStore } from './tasks.store';

/** Tasks of the named instances, a queue each; one for the whole program. */
@Module({})
export class TasksModule {
  static forInstances(instances: readonly string[]): DynamicModule {
    return {
      module: TasksModule,
      global: true,
      imports: [
        DiscoveryModule,
        BullModule.registerQueue(...instances.map((id) => ({ name: queueName(id) }))),
      ],
      providers: [
        TasksService,
        TasksStore,
        TaskQueues,
        RunningTasks,
        TaskHistory,
        TaskHook,
        TaskRunner,
        TaskRetries,
        TaskPurge,
        JournalReader,
        TaskCancellations,
      ],
      exports: [
        TasksService,
        TaskHistory,
        TaskRunner,
        TaskRetries,
        TaskPurge,
        JournalReader,
        TaskCancellations,
      ],
    };
  }
}
