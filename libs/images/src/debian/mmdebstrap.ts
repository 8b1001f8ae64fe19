import type { ArgumentVector } from '@fatbuildr/containers';
import type { Mirror } from './apt-configuration';

export interface Bootstrap {
  suite: string;
  /** Debian's name. */
  architecture?: string;
  variant: 'minbase' | 'buildd';
  mirror: Pick<Mirror, 'uri' | 'components'>;
  /** Keyring file besides those mmdebstrap finds itself. */
  keyring?: string;
  /** Lines of an apt.conf, kept in the root. */
  settings: readonly string[];
  packages: readonly string[];
  /** Paths that are not unpacked, dpkg's patterns. */
  excluded?: readonly string[];
  /** Shell lines run on the host side at the end; `$1` is the root. */
  hooks?: readonly string[];
  /** Path of the tar, `-` for standard output. */
  target: string;
}

/** The command that makes the root of a Debian system as a plain tar. */
export function mmdebstrapCommand(bootstrap: Bootstrap): ArgumentVector {
  const { suite, mirror, target } = bootstrap;
  const options = [
    ...(bootstrap.architecture === undefined ? [] : [`--architectures=${bootstrap.architecture}`]),
    `--variant=${bootstrap.variant}`,
    '--format=tar',
    // Whether programs of the architecture run was looked at before, where all of /proc can be seen.
    '--skip=check/qemu',
    ...(bootstrap.keyring === undefined ? [] : [`--keyring=${bootstrap.keyring}`]),
    ...[...bootstrap.settings, ...APT_SETTINGS].map((setting) => `--aptopt=${setting}`),
    // A root that is not complete is thrown away, so nothing is gained by syncing each file.
    '--dpkgopt=force-unsafe-io',
    ...(bootstrap.excluded ?? []).map((path) => `--dpkgopt=path-exclude=${path}`),
    `--include=${bootstrap.packages.join(',')}`,
    ...(bootstrap.hooks ?? []).map((hook) => `--customize-hook=${hook}`),
  ];
  return [
    'mmdebstrap',
    ...options,
    '--',
    suite,
    target,
    `deb ${mirror.uri} ${suite} ${mirror.components.join(' ')}`,
  ];
}

const APT_SETTINGS = ['Acquire::Languages "none";', 'APT::Install-Recommends "false";'];
