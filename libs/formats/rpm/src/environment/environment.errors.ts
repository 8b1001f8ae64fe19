import { FatbuildrError } from '@fatbuildr/errors';

export const noMirror = (environment: string, distribution: string) =>
  new FatbuildrError(
    'RPM.NO_MIRROR',
    `nothing says where the packages of build environment ${environment} come from; name a "mirror" in distribution ${distribution} of the instance, or env_default_mirror in [format:rpm]`,
    { environment, distribution },
  );

export const badMirror = (mirror: string, reason: string) =>
  new FatbuildrError('RPM.BAD_MIRROR', `the mirror "${mirror}" of rpm packages: ${reason}`, {
    mirror,
  });

export const badModule = (module: string) =>
  new FatbuildrError(
    'RPM.BAD_MODULE',
    `"${module}" is not a module of rpm packages; expected a name and a stream, such as "nodejs:18"`,
    { module },
  );

export const noKeys = (folder: string) =>
  new FatbuildrError(
    'RPM.NO_KEYS',
    `[format:rpm] env_keys: ${folder} is no folder with keys of distributions (*.asc)`,
    { folder },
  );
