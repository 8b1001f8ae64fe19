import { basename, dirname, join } from 'node:path';
import { walkTar, withoutEpoch, type UnpackLimits } from '@fatbuildr/artifacts';
import type { ContentMember } from '@fatbuildr/protocol';
import {
  describePackage,
  DESCRIPTION_ENDING,
  digestDescribed,
  readDescription,
  type DescribedFile,
  type PackageDescription,
} from '@fatbuildr/registries';
import { damagedRelease } from './tarball.errors';

/** Architecture of the source archive. */
export const SOURCE = 'src';
export const ARCHIVE_ENDING = '.tar.xz';
export const BUILD_SCRIPT_ENDING = '.build';

/** The archive is described and, of a source that builds, the script. */
export type Release = PackageDescription;

/** A release with its files, all of them checked. */
export interface ReadRelease extends Release {
  /** The description first. */
  digests: DescribedFile[];
  content: ContentMember[];
}

/** What the names of all files of a release begin with, and the top-level folder of its archive. */
export function releaseName({
  name,
  version,
  architecture,
}: Pick<Release, 'name' | 'version' | 'architecture'>): string {
  const base = `${name}-${withoutEpoch(version)}`;
  return architecture === SOURCE ? base : `${base}-${architecture}`;
}

/**
 * Describes files that were built.
 *
 * @param files absolute paths in one folder, the archive among them
 * @returns absolute paths of the description and the files
 */
export function describeRelease(
  release: Omit<Release, 'files'>,
  files: readonly [string, ...string[]],
): Promise<string[]> {
  const description = join(dirname(files[0]), `${releaseName(release)}${DESCRIPTION_ENDING}`);
  return describePackage(description, release, files);
}

/**
 * Reads a description and checks the files it lists.
 *
 * @throws FatbuildrError `TARBALL.DAMAGED` naming the file, also for one that is missing or differs
 */
export async function readRelease(description: string, limits: UnpackLimits): Promise<ReadRelease> {
  try {
    const release = await readReleaseDescription(description);
    const digests = await digestDescribed(description, release);
    const archive = join(dirname(description), `${releaseName(release)}${ARCHIVE_ENDING}`);
    return { ...release, digests, content: await listArchive(archive, limits) };
  } catch (fault) {
    throw damagedRelease(description, fault);
  }
}

/**
 * The members of an archive, its top-level folder taken off.
 *
 * @throws FatbuildrError `TARBALL.DAMAGED`
 */
export async function listArchive(path: string, limits: UnpackLimits): Promise<ContentMember[]> {
  const content: ContentMember[] = [];
  try {
    await walkTar(
      { path, name: basename(path) },
      limits,
      ({ name, type, size = 0 }) => {
        const [, ...inside] = name.replace(/\/$/, '').split('/');
        const kind = type === 'directory' ? 'd' : type === 'symlink' ? 'l' : 'f';
        if (inside.length > 0) content.push({ path: `/${inside.join('/')}`, type: kind, size });
        return false;
      },
      () => undefined,
    );
  } catch (fault) {
    throw damagedRelease(path, fault);
  }
  return content;
}

/** @throws FatbuildrError `TARBALL.DAMAGED` also when it or the archive is named after something else */
export async function readReleaseDescription(path: string): Promise<Release> {
  try {
    const release = await readDescription(path);
    const name = releaseName(release);
    const described = [`${name}${DESCRIPTION_ENDING}`, ...Object.keys(release.files)];
    for (const expected of [basename(path), `${name}${ARCHIVE_ENDING}`]) {
      if (!described.includes(expected)) {
        throw new Error(`it describes ${described.join(', ')}, not ${expected}`);
      }
    }
    return release;
  } catch (fault) {
    throw damagedRelease(path, fault);
  }
}
