import type { ArgumentVector } from '@fatbuildr/containers';
import { unknownMkosi } from './osi.errors';

/** The oldest that is supported; Debian 12 has it. */
const OLDEST = 14;
/** From here on mkosi reads its configuration from `mkosi.conf` alone, and wants no systemd around it. */
const REWRITTEN = 15;
/** What the definition is called for a mkosi that takes no other name. */
export const CONFIGURATION_FILE = 'mkosi.conf';

/** Architectures that the rewritten mkosi calls otherwise than the kernel. */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  x86_64: 'x86-64',
  aarch64: 'arm64',
  armv7l: 'arm',
  i686: 'x86',
  ppc64le: 'ppc64-le',
};

/** One image that mkosi is to make. */
export interface ImageRequest {
  /** Name of the definition, in the folder mkosi runs in. */
  definition: string;
  /** Written into the image's os-release, and what the names of its files begin with: `<id>_<version>`. */
  id: string;
  version: string;
  /** Normalized. */
  architecture: string;
  /** `undefined`: what the definition says, else mkosi's default. */
  mirror: string | undefined;
  /** Absolute path of a folder. */
  output: string;
  /** Absolute path of a folder for everything in between. */
  workspace: string;
}

/**
 * The major version, of what `mkosi --version` prints: `mkosi 14`, `mkosi 25.3`.
 *
 * @throws FatbuildrError `OSI.UNKNOWN_MKOSI` also for one that is too old
 */
export function parseMkosiVersion(printed: string): number {
  const major = Number(/^mkosi (\d+)(?:[.~]\S*)?\s*$/m.exec(printed)?.[1]);
  if (!(major >= OLDEST)) throw unknownMkosi(printed.trim(), OLDEST);
  return major;
}

/** Whether the definition must be at `CONFIGURATION_FILE`. */
export function takesNoOtherName(mkosi: number): boolean {
  return mkosi >= REWRITTEN;
}

/** The command that makes an image; what is not named here is the definition's to say. */
export function mkosiCommand(mkosi: number, request: ImageRequest): ArgumentVector {
  const { definition, id, version, architecture, mirror, output, workspace } = request;
  const rewritten = takesNoOtherName(mkosi);
  return [
    'mkosi',
    ...(rewritten
      ? // It writes no manifest by default.
        ['--manifest-format=json', `--architecture=${ARCHITECTURES[architecture] ?? architecture}`]
      : // There is no systemd that could give nspawn a unit of its own.
        [
          `--config=${definition}`,
          '--nspawn-keep-unit=yes',
          `--architecture=${architecture === 'i686' ? 'x86' : architecture}`,
        ]),
    `--image-id=${id}`,
    `--image-version=${version}`,
    ...(mirror === undefined ? [] : [`--mirror=${mirror}`]),
    // Later versions call these …-directory, and take the old names as well.
    `--output-dir=${output}`,
    `--workspace-dir=${workspace}`,
    // Sums and signature are the registry's, over all images there are.
    '--checksum=no',
    '--sign=no',
    'build',
  ];
}
