import { FatbuildrError } from '@fatbuildr/errors';
import { usageError } from '../command-line/usage.errors';

export const notAFolder = (folder: string) =>
  usageError(`${folder} is no folder, expected an artifact definition or a folder of them`, {
    folder,
  });

export const noDefinitions = (folder: string, expected: readonly string[]) =>
  new FatbuildrError(
    'DEFINITIONS.NONE',
    `there is no artifact definition in ${folder} and the folders below it, expected one of the files ${expected.join(', ')}`,
    { folder },
  );

export const severalDefinitions = (folder: string, artifact: string) =>
  usageError(
    `--artifact names one definition, but ${folder} holds several; give the folder of ${artifact}`,
    { folder, artifact },
  );

export const noInstances = (path: string) =>
  usageError(`${path} is neither an instance file (ID.yml) nor a folder of them`, { path });

export const isThere = (folder: string) =>
  new FatbuildrError(
    'DEFINITIONS.EXISTS',
    `${folder} is there already, choose another name or --dir`,
    { folder },
  );

export const noVersion = (source: string) =>
  usageError(
    `the URL ${source} does not tell its version by the name of a file like NAME-1.0.tar.gz, give --version`,
    { source },
  );

/** A skeleton that would not build. */
export const refusedDefinition = (file: string, reason: string) =>
  new FatbuildrError('DEFINITIONS.REFUSED', `nothing is made: ${file}: ${reason}`, {
    file,
    reason,
  });

export const checksumsFailed = (failed: number, all: number) =>
  new FatbuildrError(
    'DEFINITIONS.CHECKSUMS',
    `${failed} of ${all} definitions were left as they are`,
    { failed, all },
  );
