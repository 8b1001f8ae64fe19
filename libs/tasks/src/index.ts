import { CreateTasks1763800000000 } from './migrations/1763800000000-create-tasks';
import { AddTaskRetries1764000000000 } from './migrations/1764000000000-add-task-retries';
import { CreateSubmissionKeys1798000000000 } from './migrations/1798000000000-create-submission-keys';
import { SubmissionKey } from './submission-keys.entity';
import { AddTaskFacets1796200000000 } from './migrations/1796200000000-add-task-facets';
import { AddExitStatus1797000000000 } from './migrations/1797000000000-add-exit-status';
import { AddKeptContainers1799000000000 } from './migrations/1799000000000-add-kept-containers';
import { TaskEntity } from './tasks.entity';

export { PrivateRedis } from './adapters/private-redis';
export { requireRedis } from './adapters/site-redis';
export { KeyedSubmissions } from './keyed-submissions';
export type { TaskChange } from './task-channel';
export { HandlesTask, TASK_NAMES, type TaskHandler } from './task-handlers';
export type { ConsoleSession, TaskConsole } from './task-console.port';
export type { TaskContext, TaskJournal } from './task-journal.port';
export { KeptTasks, type KeptTask } from './kept-tasks';
export { JournalReader, type FollowedTask } from './journal-reader';
export { privateRedisSocket, queueOptions } from './queue-options';
export { checkFilter } from './task-filters';
export { queueName } from './task-queues';
export { TaskPurge } from './task-purge';
export { Resubmits, type TaskResubmission } from './task-resubmission.port';
export { TaskRetries } from './task-retries';
export { TaskRunner } from './task-runner';
export { TaskScheduler } from './task-scheduler';
export { TasksModule } from './tasks.module';
export { exitedWith, noRunningTask } from './tasks.errors';
export { SCRATCH, TasksService, type TaskLoad } from './tasks.service';
export { takeOver } from './uploads';

export const TASKS_ENTITIES = [TaskEntity, SubmissionKey];
export const TASKS_MIGRATIONS = [
  CreateTasks1763800000000,
  AddTaskRetries1764000000000,
  AddTaskFacets1796200000000,
  AddExitStatus1797000000000,
  CreateSubmissionKeys1798000000000,
  AddKeptContainers1799000000000,
];
