import { FatbuildrError } from '@fatbuildr/errors';

export const badControl = (artifact: string, reason: string) =>
  new FatbuildrError('DEB.BAD_CONTROL', `deb/control of ${artifact}: ${reason}`, {
    artifact,
    file: 'deb/control',
    reason,
  });

export const missingPackaging = (artifact: string, file: string) =>
  new FatbuildrError(
    'DEB.MISSING_PACKAGING',
    `the definition of ${artifact} has no file deb/${file}, a deb package needs it`,
    { artifact, file: `deb/${file}` },
  );

export const badVersion = (artifact: string, version: string) =>
  new FatbuildrError(
    'DEB.BAD_VERSION',
    `${artifact}: "${version}" is not a version of a deb package: it must begin with a digit and hold letters, digits, ".", "+", "~" and "-" only (Debian Policy 5.6.12)`,
    { artifact, version },
  );

export const noMainSource = (artifact: string) =>
  new FatbuildrError('DEB.NO_SOURCE', `${artifact} has no upstream source to package`, {
    artifact,
  });

export const buildFailed = (artifact: string, reason: string) =>
  new FatbuildrError('DEB.BUILD_FAILED', `dpkg-buildpackage of ${artifact}: ${reason}`, {
    artifact,
    reason,
  });

export const networkNotCut = (status: number) =>
  new FatbuildrError(
    'DEB.NETWORK_NOT_CUT',
    `cowbuilder cannot take the network away from builds here (status ${status}), so nothing is built; the deb image needs iproute2, and its containers network namespaces of their own`,
    { status },
  );

export const unmetDependencies = (artifact: string, unmet: readonly string[]) =>
  new FatbuildrError(
    'DEB.UNMET_BUILD_DEPENDENCIES',
    `build dependencies of ${artifact} cannot be met: ${unmet.join('; ')}`,
    { artifact, unmet },
  );

export const prescriptDependencies = (artifact: string, unmet: readonly string[]) =>
  new FatbuildrError(
    'DEB.PRESCRIPT_DEPENDENCIES',
    `packages that pre.sh of ${artifact} needs cannot be installed: ${unmet.join('; ')}`,
    { artifact, unmet },
  );
