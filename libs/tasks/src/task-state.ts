import type { TaskState } from '@fatbuildr/protocol';

/** What may follow what. A pending task that cannot run any more (its workspace is gone) ends at once. */
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
