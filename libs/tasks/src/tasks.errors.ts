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
