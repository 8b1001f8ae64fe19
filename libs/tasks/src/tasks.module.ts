import { BullModule, getQueueToken } from '@nestjs/bullmq';
import { Module, type DynamicModule } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { DiscoveryModule } from '@nestjs/core';
import { JournalReader } from './journal-reader';
import { KeyedSubmissions } from './keyed-submissions';
import { KeptTasks } from './kept-tasks';
import { queueName, QUEUES, TaskQueues } from './task-queues';
import { RunningTasks } from './running-tasks';
import { TaskChannel } from './task-channel';
import { TaskHook } from './task-hook';
import { TaskPurge } from './task-purge';
import { TaskRetries } from './task-retries';
import { TaskRunner } from './task-runner';
import { TaskScheduler } from './task-scheduler';
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
        {
          provide: QUEUES,
          inject: instances.map((id) => getQueueToken(queueName(id))),
          useFactory: (...queues: Queue[]) => queues,
        },
        TasksService,
        TasksStore,
        TaskQueues,
        TaskChannel,
        TaskScheduler,
        RunningTasks,
        TaskHook,
        TaskRunner,
        TaskRetries,
        TaskPurge,
        JournalReader,
        KeyedSubmissions,
        KeptTasks,
      ],
      exports: [
        TasksService,
        TaskScheduler,
        TaskRunner,
        TaskRetries,
        TaskPurge,
        JournalReader,
        KeyedSubmissions,
        KeptTasks,
      ],
    };
  }
}
