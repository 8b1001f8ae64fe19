import type { LogLevelName } from '@fatbuildr/protocol';
import type { TaskConsole } from './task-console.port';

/** Where a running task writes: log records and the raw output of its commands. */
export interface TaskJournal {
  log(level: LogLevelName, message: string): void;
  output(data: Buffer): void;
  /** Announces the names of the steps to come, in order; those begun already stay. */
  plan(steps: readonly string[]): void;
  /** Runs one named step; its name and duration are recorded, a fault carries the step's name. */
  step<T>(name: string, work: () => Promise<T>): Promise<T>;
}

/** What every capability gets from the task that drives it. */
export interface TaskContext {
  readonly task: {
    readonly id: string;
    readonly instance: string;
    readonly user: string;
    /** Milliseconds since the epoch. */
    readonly submitted: number;
  };
  /** Absolute path of the task's workspace. */
  readonly workspace: string;
  readonly journal: TaskJournal;
  readonly signal: AbortSignal;
  /** Only of interactive tasks. */
  readonly console?: TaskConsole;
}
