import { CreateTasks1763800000000 } from './migrations/1763800000000-create-tasks';
import { AddTaskRetries1764000000000 } from './migrations/1764000000000-add-task-retries';
import { TaskEntity } from './tasks.entity';

export { PrivateRedis } from './adapters/private-redis';
export { JournalReader, type FollowedTask } from './journal-reader';
export { HandlesTask, TASK_NAMES, type TaskHandler } from './task-handlers';
export type { TaskContext, TaskJournal } from './task-journal.port';
export { privateRedisSocket, queueOptions } from './queue-options';
export { queueName } from './task-queues';
export { TaskCancellations } from './task-cancellations';
export { TaskHistory, type TaskFilter, type TaskRecord } from './task-history';
export { TaskPurge } from './task-purge';
export { Resubmits, type TaskResubmission } from './task-resubmission.port';
export { TaskRetries } from './task-retries';
export { TaskRunner } from './task-runner';
export { TasksModule } from './tasks.module';
export { noRunningTask } from './tasks.errors';
export { SCRATCH, TasksService, type TaskChange } from './tasks.service';
export { takeOver } from './uploads';

export type { StepRecord } from './tasks.entity';

export const TASKS_ENTITIES = [TaskEntity];
export const TASKS_MIGRATIONS = [CreateTasks1763800000000, AddTaskRetries1764000000000];
