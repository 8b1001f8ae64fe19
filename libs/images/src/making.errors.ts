import { FatbuildrError } from '@fatbuildr/errors';

export const noHostMirror = (host: string, release: string) =>
  new FatbuildrError(
    'IMAGES.NO_HOST_MIRROR',
    `the APT configuration under /etc/apt names no http or https mirror of ${host} (suite "${release}", component main); name an image in "image" of [format:<name>], and a mirror in env_default_mirror or the pipelines`,
    { host, release },
  );

export const noEmulation = (architecture: string, host: string, reason: string) =>
  new FatbuildrError(
    'IMAGES.NO_EMULATION',
    `this host (${host}) does not run programs of ${architecture}: ${reason}; install qemu-user-static and binfmt-support, or remove ${architecture} from the instance's architectures`,
    { architecture, host },
  );

export const bootstrapFailed = (what: string, command: string, status: number) =>
  new FatbuildrError(
    'IMAGES.BOOTSTRAP_FAILED',
    `${what} could not be made: "${command}" exited with status ${status}, the journal has what it printed`,
    { what, command, status },
  );

export const badPackageList = (path: string, line: string) =>
  new FatbuildrError(
    'IMAGES.BAD_PACKAGE_LIST',
    `${path}: "${line}" is not a package name; expected one name per line, or a comment after "#"`,
    { path, line },
  );
