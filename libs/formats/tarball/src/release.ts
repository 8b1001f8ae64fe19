import { lstat, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { walkTar, withoutEpoch, type UnpackLimits } from '@fatbuildr/artifacts';
import type { ContentMember } from '@fatbuildr/protocol';
import { digestFile, type FileDigests } from '@fatbuildr/registries';
import { z } from 'zod';
import { damagedRelease } from './tarball.errors';

/** Architecture of the source archive. */
export const SOURCE = 'src';
export const DESCRIPTION_ENDING = '.json';
export const ARCHIVE_ENDING = '.tar.xz';
export const BUILD_SCRIPT_ENDING = '.build';

/** Bytes a description may have; its changelog is nearly all of it. */
const LARGEST_DESCRIPTION = 4 * 1024 * 1024;

/** A single path component that means nothing to a shell and is no option. */
export const SAFE_NAME = /^[A-Za-z0-9][A-Za-z0-9.+~_-]*$/;

const safeName = z.string().max(250).regex(SAFE_NAME);

/** What is published beside an archive, and says all of it that the archive itself does not. */
const schema = z.strictObject({
  name: safeName,
  /** Normalized, or `src`. */
  architecture: safeName,
  /** With an epoch if it has one, which the names of the files leave out. */
  version: z.string().regex(/^(?:\d+:)?[A-Za-z0-9][A-Za-z0-9.+~_-]*$/),
  /** Newest first. */
  changelog: z.array(
    z.strictObject({
      version: z.string(),
      author: z.string(),
      /** Seconds since the epoch. */
      date: z.number().int(),
      changes: z.array(z.string()),
    }),
  ),
  /** Name → SHA256: the archive and, of a source that builds, the script. */
  files: z.record(safeName, z.string().regex(/^[0-9a-f]{64}$/)),
});

export type Release = z.infer<typeof schema>;

/** A release with its files, all of them checked. */
export interface ReadRelease extends Release {
  content: ContentMember[];
  /** The description first. */
  digests: (FileDigests & { from: string; name: string })[];
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
export async function describeRelease(
  release: Omit<Release, 'files'>,
  files: readonly [string, ...string[]],
): Promise<string[]> {
  const digests: Record<string, string> = {};
  for (const file of files) digests[basename(file)] = (await digestFile(file)).sha256;
  const description = join(dirname(files[0]), `${releaseName(release)}${DESCRIPTION_ENDING}`);
  await writeFile(description, `${JSON.stringify({ ...release, files: digests }, null, 2)}\n`);
  return [description, ...files];
}

/**
 * Reads a description and checks the files it lists.
 *
 * @throws FatbuildrError `TARBALL.DAMAGED` naming the file, also for one that is missing or differs
 */
export async function readRelease(description: string, limits: UnpackLimits): Promise<ReadRelease> {
  const release = await readDescription(description);
  const digests = [
    { from: description, name: basename(description), ...(await digestFile(description)) },
  ];
  for (const [name, sha256] of Object.entries(release.files)) {
    const from = join(dirname(description), name);
    try {
      await requireFile(from);
      const found = await digestFile(from);
      if (found.sha256 !== sha256) {
        throw new Error(`its content is not the one ${basename(description)} lists`);
      }
      digests.push({ from, name, ...found });
    } catch (fault) {
      throw damagedRelease(from, fault);
    }
  }
  const archive = join(dirname(description), `${releaseName(release)}${ARCHIVE_ENDING}`);
  return { ...release, digests, content: await listArchive(archive, limits) };
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

/** @throws FatbuildrError `TARBALL.DAMAGED` */
export async function readDescription(path: string): Promise<Release> {
  try {
    if ((await requireFile(path)) > LARGEST_DESCRIPTION) {
      throw new Error(`larger than ${LARGEST_DESCRIPTION} bytes`);
    }
    const parsed = schema.safeParse(JSON.parse(await readFile(path, 'utf8')));
    if (!parsed.success) {
      const { path: key, message } = parsed.error.issues[0]!;
      throw new Error(`it is no description of a release: ${key.join('.')}: ${message}`);
    }
    const name = releaseName(parsed.data);
    for (const expected of [basename(path), `${name}${ARCHIVE_ENDING}`]) {
      const described = [`${name}${DESCRIPTION_ENDING}`, ...Object.keys(parsed.data.files)];
      if (!described.includes(expected)) {
        throw new Error(`it describes ${described.join(', ')}, not ${expected}`);
      }
    }
    return parsed.data;
  } catch (fault) {
    throw damagedRelease(path, fault);
  }
}

/** A link could publish any file of this host. @returns its size in bytes */
async function requireFile(path: string): Promise<number> {
  const found = await lstat(path).catch(() => undefined);
  if (!found?.isFile()) throw new Error(found ? 'it is not a regular file' : 'it is missing');
  return found.size;
}
