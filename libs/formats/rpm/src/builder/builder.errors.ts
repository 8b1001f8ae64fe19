import { FatbuildrError } from '@fatbuildr/errors';

export const missingSpec = (artifact: string) =>
  new FatbuildrError(
    'RPM.MISSING_SPEC',
    `the definition of ${artifact} has no file rpm/${artifact}.spec, an rpm package needs it`,
    { artifact, file: `rpm/${artifact}.spec` },
  );

export const badSpec = (artifact: string, reason: string) =>
  new FatbuildrError('RPM.BAD_SPEC', `rpm/${artifact}.spec: ${reason}`, {
    artifact,
    file: `rpm/${artifact}.spec`,
    reason,
  });

export const missingSource = (artifact: string, file: string) =>
  new FatbuildrError(
    'RPM.MISSING_SOURCE',
    `rpm/${artifact}.spec wants the source "${file}", which is neither a declared source nor a file in rpm/`,
    { artifact, file },
  );

export const badPackagingFile = (artifact: string, name: string, reason: string) =>
  new FatbuildrError('RPM.BAD_PACKAGING', `rpm/${name} of ${artifact}: ${reason}`, {
    artifact,
    file: `rpm/${name}`,
    reason,
  });

export const badBuildargs = (artifact: string, reason: string) =>
  new FatbuildrError('RPM.BAD_BUILDARGS', `rpm.buildargs of ${artifact}: ${reason}`, {
    artifact,
    key: 'rpm.buildargs',
    reason,
  });

export const noMainSource = (artifact: string) =>
  new FatbuildrError('RPM.NO_SOURCE', `${artifact} has no upstream source to package`, {
    artifact,
  });

export const rpmbuildFailed = (artifact: string, reasons: readonly string[]) =>
  new FatbuildrError(
    'RPM.BUILD_FAILED',
    `rpmbuild could not build ${artifact}: ${reasons.join('; ')}`,
    { artifact, reasons },
  );

export const unmetDependencies = (artifact: string, unmet: readonly string[]) =>
  new FatbuildrError(
    'RPM.UNMET_BUILD_DEPENDENCIES',
    `build dependencies of ${artifact} cannot be met: ${unmet.join('; ')}`,
    { artifact, unmet },
  );

export const prescriptDependencies = (artifact: string, unmet: readonly string[]) =>
  new FatbuildrError(
    'RPM.PRESCRIPT_DEPENDENCIES',
    `packages that pre.sh of ${artifact} needs cannot be installed: ${unmet.join('; ')}`,
    { artifact, unmet },
  );
