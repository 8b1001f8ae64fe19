import { FatbuildrError } from '@fatbuildr/errors';

export const badKeeping = (reason: string) =>
  new FatbuildrError('BUILDS.KEEP_FAILED', `keep_failed: ${reason}`);

export const keepsNone = (reason: string) =>
  new FatbuildrError(
    'BUILDS.KEEPS_NONE',
    `--keep-failed: nothing is kept of failed builds here, because of ${reason}; leave the option out`,
    { reason },
  );

export const noFailedBuild = (id: string, reason: string) =>
  new FatbuildrError(
    'BUILDS.NO_FAILED_BUILD',
    `a shell opens in builds that failed, which task "${id}" did not: ${reason}`,
    { id },
  );

/** @param asked whether the build was submitted so that it should be */
export const notKept = (id: string, asked: boolean, gone?: string) =>
  new FatbuildrError(
    'BUILDS.NOT_KEPT',
    asked
      ? gone === undefined
        ? `nothing is kept of build "${id}": it failed before a command in its container did`
        : `the container of build "${id}" is kept no longer: ${gone}`
      : `nothing is kept of build "${id}": submit builds with --keep-failed to look into them later`,
    { id },
  );

export const keptInUse = (id: string, shell: string) =>
  new FatbuildrError(
    'BUILDS.KEPT_IN_USE',
    `somebody is in the container of build "${id}" already; join in with "fatbuildrctl watch ${shell}"`,
    { id, shell },
  );
