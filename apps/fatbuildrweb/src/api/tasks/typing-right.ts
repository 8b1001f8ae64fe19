import { TASK_ACTIONS, type Action } from '@fatbuildr/access';
import type { TaskDescription } from '@fatbuildr/protocol';
import type { Caller } from '../../auth/caller';

/** What lets a caller type at the terminal of a task: managing tasks, or what submitting the task took, for its submitter. */
export function typingRight(caller: Caller, task: TaskDescription): Action | undefined {
  if (caller.may('manage-task')) return 'manage-task';
  const submitting = TASK_ACTIONS[task.name];
  return caller.user === task.user && caller.may(submitting) ? submitting : undefined;
}
