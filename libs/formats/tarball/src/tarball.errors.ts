import { FatbuildrError, messageOf } from '@fatbuildr/errors';
import { DamagedPackage } from '@fatbuildr/registries';

export const noMainSource = (artifact: string) =>
  new FatbuildrError('TARBALL.NO_SOURCE', `${artifact} has no upstream source to release`, {
    artifact,
  });

export const badPackaging = (artifact: string, file: string, reason: string) =>
  new FatbuildrError(
    'TARBALL.BAD_PACKAGING',
    `tarball/${file} in the definition of ${artifact}: ${reason}`,
    { artifact, file: `tarball/${file}`, reason },
  );

export const foreignArchitecture = (architecture: string, host: string) =>
  new FatbuildrError(
    'TARBALL.FOREIGN_ARCHITECTURE',
    `the tarball format builds for the architecture of this host (${host}) only, not for ${architecture}; leave it out of the build`,
    { architecture, host },
  );

export const nothingInstalled = (artifact: string) =>
  new FatbuildrError(
    'TARBALL.NOTHING_INSTALLED',
    `tarball/build of ${artifact} succeeded, but installed nothing below $DESTDIR; install there what the archive is to hold, or remove the script to release the source only`,
    { artifact },
  );

/** @param file the one that is read; another one where the fault names it */
export function damagedRelease(file: string, fault: unknown): FatbuildrError {
  if (fault instanceof FatbuildrError && fault.code === 'TARBALL.DAMAGED') return fault;
  const damaged = fault instanceof DamagedPackage ? fault.file : file;
  return new FatbuildrError(
    'TARBALL.DAMAGED',
    `${damaged}: ${messageOf(fault)}`,
    { file: damaged },
    { cause: fault },
  );
}

export const unexpectedFile = (file: string) =>
  new FatbuildrError(
    'TARBALL.UNEXPECTED_FILE',
    `${file}: not a file a tarball registry publishes; expected the description of a release (.json) and the files it lists`,
    { file },
  );
