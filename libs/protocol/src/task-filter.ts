import type { TaskResult, TaskState } from './structures';

/** Which tasks of an instance are asked for; what is left out does not matter. */
export interface TaskFilter {
  states?: TaskState[];
  result?: TaskResult;
  /** The kind of task, as in {@link TaskDescription}. */
  name?: string;
  /** A part of the artifact's name, in any case. */
  artifact?: string;
  user?: string;
  format?: string;
  distribution?: string;
  derivative?: string;
  /** Submitted at this time or later, seconds since the epoch. */
  since?: number;
  /** Submitted before this time, seconds since the epoch. */
  until?: number;
  /** Submitted before the task of this sequence: the next page begins behind the last task of this one. */
  before?: number;
  /** At most so many, from 1 on; all without it. */
  limit?: number;
}
