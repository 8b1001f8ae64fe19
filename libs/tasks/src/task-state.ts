import type { TaskState } from '@fatbuildr/protocol';

/**
 * What may follow what:
 *
 * | from    | to       | when                                                                    |
 * | ------- | -------- | ----------------------------------------------------------------------- |
 * | pending | running  | a worker takes the task                                                 |
 * | pending | finished | it was cancelled, or could not be queued: it never runs                 |
 * | running | finished | it succeeded, failed, was cancelled, or its daemon died                 |
 *
 * Nothing leaves `finished`: a retry is a task of its own.
 */
const TRANSITIONS: Readonly<Record<TaskState, readonly TaskState[]>> = {
  pending: ['running', 'finished'],
  running: ['finished'],
  finished: [],
};

/** The states a task may have before it gets into `next`; the claim on a row names them. */
export function statesBefore(next: TaskState): TaskState[] {
  return (Object.keys(TRANSITIONS) as TaskState[]).filter((state) =>
    TRANSITIONS[state].includes(next),
  );
}
