import { FatbuildrError, messageOf } from '@fatbuildr/errors';

/** What was done in the shell is not lost; says where it is and how to go on. */
export const kept = (artifact: string, folder: string, why: unknown) =>
  new FatbuildrError(
    'PATCHES.KEPT',
    `${messageOf(why)}; no patch was written, the work is kept in ${folder}, go on with it by: fatbuildrctl patches -a ${artifact} --resume ${folder}`,
    { artifact, folder },
    { cause: why },
  );

export const shellKilled = () =>
  new FatbuildrError('PATCHES.SHELL_KILLED', 'a signal ended the shell');

export const shellFailed = (status: number) =>
  new FatbuildrError(
    'PATCHES.SHELL_FAILED',
    `the shell, which read no terminal, ended with status ${status}`,
    { status },
  );

export const otherArtifact = (folder: string, artifact: string, found: string) =>
  new FatbuildrError(
    'PATCHES.OTHER_ARTIFACT',
    `${folder} has the patches of ${found}, not those of ${artifact}`,
    { folder, artifact, found },
  );

export const noCommitTemplate = (preferences: string, path: string) =>
  new FatbuildrError(
    'PREFERENCES.NO_COMMIT_TEMPLATE',
    `${preferences}: prefs.commit_template: there is no file ${path}`,
    { preferences, path },
  );
