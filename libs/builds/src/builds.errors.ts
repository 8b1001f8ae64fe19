import { FatbuildrError } from '@fatbuildr/errors';

export const unknownFormat = (format: string, existing: readonly string[]) =>
  new FatbuildrError(
    'BUILDS.UNKNOWN_FORMAT',
    `this program cannot build the format "${format}", it can build: ${existing.join(', ')}`,
    { format, existing },
  );

export const undeclaredSource = (id: string, artifact: string, declared: readonly string[]) =>
  new FatbuildrError(
    'BUILDS.UNDECLARED_SOURCE',
    `the archive for source "${id}" was submitted, but ${artifact} declares: ${declared.join(', ')}`,
    { id, artifact, declared },
  );

export const badArchiveName = (path: string, id: string) =>
  new FatbuildrError(
    'BUILDS.ARCHIVE_NAME',
    `the archive "${path}" of source "${id}" must be named ${id}_<version>.tar.xz`,
    { path, id },
  );

export const repeatedSource = (id: string) =>
  new FatbuildrError(
    'BUILDS.REPEATED_SOURCE',
    `source "${id}" was submitted twice, submit one archive for it`,
    { id },
  );

export const takesNoSource = (format: string, id: string) =>
  new FatbuildrError(
    'BUILDS.TAKES_NO_SOURCE',
    `the archive for source "${id}" was submitted, but format ${format} builds of the definition alone; leave it out`,
    { format, id },
  );

export const submissionGone = (path: string) =>
  new FatbuildrError(
    'BUILDS.SUBMISSION_GONE',
    `the build cannot be retried: ${path}, which was submitted with it, is gone; submit it anew with fatbuildrctl build`,
    { path },
  );

/** @param why what is known besides the status, after a comma */
export const commandFailed = (command: string, status: number, why = '') =>
  new FatbuildrError(
    'BUILDS.COMMAND_FAILED',
    `"${command}" exited with status ${status}${why || ', the journal has what it printed'}`,
    { command, status },
  );

export const badResult = (name: string, reason: string) =>
  new FatbuildrError('BUILDS.BAD_RESULT', `the build left ${name}: ${reason}`, { name });
