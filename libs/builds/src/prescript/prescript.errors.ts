import { FatbuildrError } from '@fatbuildr/errors';
import { PRESCRIPT, PRESCRIPT_LOCK } from '@fatbuildr/artifacts';

const UPDATE = 'if that is wanted, run "fatbuildrctl build --update-lock"';

export const noPrescripts = (format: string) =>
  new FatbuildrError(
    'BUILDS.NO_PRESCRIPTS',
    `the definition has ${PRESCRIPT}, but format ${format} runs no prescripts`,
    { format },
  );

export const prescriptFailed = (status: number) =>
  new FatbuildrError(
    'BUILDS.PRESCRIPT_FAILED',
    `${PRESCRIPT} exited with status ${status}, the journal has what it printed`,
    { status },
  );

export const prescriptTooLong = (limit: string) =>
  new FatbuildrError(
    'BUILDS.PRESCRIPT_TIMEOUT',
    `${PRESCRIPT} ran longer than the ${limit} that [tasks] prescript_time_limit gives it`,
    { limit },
  );

/** What a prescript left of the source tree cannot be taken. */
export const badPrescriptResult = (
  reason: string,
  details: Readonly<Record<string, unknown>> = {},
) => new FatbuildrError('BUILDS.PRESCRIPT_RESULT', `${PRESCRIPT} left ${reason}`, details);

export const tooManyDownloads = (limit: number) =>
  new FatbuildrError(
    'BUILDS.PRESCRIPT_DOWNLOADS',
    `${PRESCRIPT} asks for more than ${limit} downloads`,
    { limit },
  );

export const notLocked = (url: string, digest: string) =>
  new FatbuildrError(
    'BUILDS.NOT_LOCKED',
    `${PRESCRIPT} fetched ${url}, which is not in ${PRESCRIPT_LOCK} (sha256 ${digest}); ${UPDATE}`,
    { url, digest },
  );

export const drifted = (url: string, locked: string, digest: string) =>
  new FatbuildrError(
    'BUILDS.LOCK_DRIFT',
    `${url} has changed: ${PRESCRIPT_LOCK} has sha256 ${locked}, ${PRESCRIPT} was given ${digest}; ${UPDATE}`,
    { url, locked, digest },
  );

export const changedMeanwhile = (url: string) =>
  new FatbuildrError(
    'BUILDS.UNSTABLE_DOWNLOAD',
    `${PRESCRIPT} fetched ${url} twice, and it was not the same`,
    { url },
  );

export const nothingRecorded = (task: string) =>
  new FatbuildrError(
    'BUILDS.NO_LOCK',
    `task ${task} has no ${PRESCRIPT_LOCK}: it ran no ${PRESCRIPT} to its end`,
    { task },
  );
