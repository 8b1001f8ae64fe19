import { lstat, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { messageOf } from '@fatbuildr/errors';
import { z } from 'zod';
import { digestFile, type FileDigests } from './pool';
import type { PackageRecord } from './registry-format.port';

export const DESCRIPTION_ENDING = '.json';

/** Bytes a description may have; its changelog is nearly all of it. */
const LARGEST_DESCRIPTION = 4 * 1024 * 1024;

/** A single path component that means nothing to a shell and is no option. */
export const SAFE_NAME = /^[A-Za-z0-9][A-Za-z0-9.+~_-]*$/;

const safeName = z.string().max(250).regex(SAFE_NAME);

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
  /** Name → SHA256, of the files in the folder of the description. */
  files: z.record(safeName, z.string().regex(/^[0-9a-f]{64}$/)),
});

/**
 * What is published beside the files of a package whose format has no place for it, as JSON. It is to them
 * what a `.dsc` is to a Debian source: without it, the database could not be restored from the files.
 */
export type PackageDescription = z.infer<typeof schema>;

/** A description or a file it lists. */
export interface DescribedFile extends FileDigests {
  /** Absolute path. */
  from: string;
  name: string;
}

/** A description, or a file it lists, that is not what it should be. */
export class DamagedPackage extends Error {
  constructor(
    readonly file: string,
    override readonly cause: unknown,
  ) {
    super(messageOf(cause));
  }
}

/**
 * Describes files that were built.
 *
 * @param description absolute path
 * @param files absolute paths in the same folder
 * @returns absolute paths of the description and the files
 */
export async function describePackage(
  description: string,
  described: Omit<PackageDescription, 'files'>,
  files: readonly string[],
): Promise<string[]> {
  const digests: Record<string, string> = {};
  for (const file of files) digests[basename(file)] = (await digestFile(file)).sha256;
  await writeFile(description, `${JSON.stringify({ ...described, files: digests }, null, 2)}\n`);
  return [description, ...files];
}

/**
 * Checks the files that a description lists.
 *
 * @returns its own digests first
 * @throws DamagedPackage also for a file that is missing
 */
export async function digestDescribed(
  description: string,
  { files }: PackageDescription,
): Promise<DescribedFile[]> {
  const digests = [
    { from: description, name: basename(description), ...(await digestFile(description)) },
  ];
  for (const [name, sha256] of Object.entries(files)) {
    const from = join(dirname(description), name);
    try {
      await requireFile(from);
      const found = await digestFile(from);
      if (found.sha256 !== sha256) {
        throw new Error(`its content is not the one ${basename(description)} lists`);
      }
      digests.push({ from, name, ...found });
    } catch (fault) {
      throw new DamagedPackage(from, fault);
    }
  }
  return digests;
}

/**
 * Makes the records of what is to be published of files, each read by its description.
 *
 * @param unexpected the fault of a file that no description lists
 */
export async function readDescribed(
  files: readonly string[],
  record: (description: string) => Promise<PackageRecord>,
  unexpected: (file: string) => Error,
): Promise<PackageRecord[]> {
  const unknown = new Set(files);
  const records: PackageRecord[] = [];
  for (const file of files.filter((path) => path.endsWith(DESCRIPTION_ENDING))) {
    const described = await record(file);
    for (const { from } of described.files) unknown.delete(from);
    records.push(described);
  }
  for (const file of unknown) throw unexpected(file);
  return records;
}

/** @throws DamagedPackage */
export async function readDescription(path: string): Promise<PackageDescription> {
  try {
    if ((await requireFile(path)) > LARGEST_DESCRIPTION) {
      throw new Error(`larger than ${LARGEST_DESCRIPTION} bytes`);
    }
    const parsed = schema.safeParse(JSON.parse(await readFile(path, 'utf8')));
    if (parsed.success) return parsed.data;
    const { path: key, message } = parsed.error.issues[0]!;
    throw new Error(`it is no description of a package: ${key.join('.')}: ${message}`);
  } catch (fault) {
    throw new DamagedPackage(path, fault);
  }
}

/** A link could publish any file of this host. @returns its size in bytes */
async function requireFile(path: string): Promise<number> {
  const found = await lstat(path).catch(() => undefined);
  if (!found?.isFile()) throw new Error(found ? 'it is not a regular file' : 'it is missing');
  return found.size;
}
