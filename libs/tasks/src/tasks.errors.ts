import { FatbuildrError } from '@fatbuildr/errors';

export const unknownTask = (id: string, instance: string) =>
  new FatbuildrError(
    'TASKS.UNKNOWN',
    `instance "${instance}" has no task "${id}", see fatbuildrctl list and fatbuildrctl history`,
    { id, instance },
  );

export const noRunningTask = (instance: string) =>
  new FatbuildrError('TASKS.NONE_RUNNING', `no task is running in instance "${instance}"`, {
    instance,
  });

/** Why a task ended: the reason of its row and the last record of its journal. */
export const cancelledBy = (user: string) =>
  new FatbuildrError('TASKS.CANCELLED', `cancelled by ${user}`, { user });

export const ranTooLong = (limit: string) =>
  new FatbuildrError(
    'TASKS.TIME_LIMIT',
    `it ran longer than the ${limit} that [tasks] time_limit allows`,
    { limit },
  );

export const endedAlready = (id: string, result: string) =>
  new FatbuildrError(
    'TASKS.ENDED',
    result === 'unknown'
      ? `task "${id}" is just ending, it is too late to cancel it`
      : `task "${id}" has ended already (${result}), there is nothing to cancel`,
    { id, result },
  );

export const nobodyRuns = (id: string) =>
  new FatbuildrError(
    'TASKS.NOBODY_RUNS',
    `task "${id}" cannot be told to end: no daemon answers; its next start ends the task`,
    { id },
  );

export const notEnded = (id: string, state: string) =>
  new FatbuildrError(
    'TASKS.NOT_ENDED',
    `task "${id}" is ${state}: only finished tasks can be retried`,
    { id, state },
  );

export const badSubmissionKey = (key: string) =>
  new FatbuildrError(
    'TASKS.SUBMISSION_KEY',
    `a key of a submission is 1 to 255 visible ASCII characters, got ${key.length} characters`,
  );

export const keyOfAnother = (key: string) =>
  new FatbuildrError(
    'TASKS.KEY_OF_ANOTHER',
    `the key "${key}" was used for another request: a new request needs a new key`,
    { key },
  );

export const keyInUse = (key: string) =>
  new FatbuildrError(
    'TASKS.KEY_IN_USE',
    `a request with the key "${key}" is under way, ask again in a moment`,
    { key, retryAfter: 5 },
  );

export const wrongFilter = (member: string, reason: string, known: readonly string[]) =>
  new FatbuildrError(
    'TASKS.FILTER',
    `filter of tasks${member === '' ? '' : `, ${member}`}: ${reason}; there are: ${known.join(', ')}`,
    { member, known },
  );

export const unacceptableUpload = (path: string, reason: string) =>
  new FatbuildrError('TASKS.UPLOAD_REFUSED', `the submitted file "${path}" is refused: ${reason}`, {
    path,
  });

export const workspacesTooDeep = (path: string, limit: number) =>
  new FatbuildrError(
    'TASKS.PATH_TOO_LONG',
    `the path of a console socket, "${path}", is longer than the ${limit} bytes the kernel allows; ` +
      'choose a shorter --home or [tasks] workspaces',
    { path, limit },
  );

export const handlerFault = (message: string) => new FatbuildrError('TASKS.HANDLERS', message);

export const stepFailed = (step: string, cause: Error) =>
  new FatbuildrError(
    cause instanceof FatbuildrError ? cause.code : 'TASKS.STEP_FAILED',
    `step ${step}: ${cause.message}`,
    cause instanceof FatbuildrError ? { ...cause.details, step } : { step },
    { cause },
  );
