import { link, mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { SplicedDigests } from '@fatbuildr/registries';
import type { IndexEntry } from './release';

/** In how many files an index is published: plain and compressed. */
export const VARIANTS = { plain: '', gz: '.gz', xz: '.xz' } as const;

export type Variant = keyof typeof VARIANTS;

const VARIANT_NAMES = ['plain', 'gz', 'xz'] as const satisfies readonly Variant[];

/**
 * Release lists two digests, and apt asks for files by the stronger one; older clients and the repository
 * format know SHA256.
 */
const BY_HASH = [
  ['SHA256', 'sha256'],
  ['SHA512', 'sha512'],
] as const;

/** One value for each variant of an index, made at the same time. */
export async function perVariant<T>(
  make: (variant: Variant) => Promise<T>,
): Promise<Record<Variant, T>> {
  const settled = await Promise.allSettled(VARIANT_NAMES.map(make));
  // All have ended before a fault is thrown: none writes on behind the back of who tidies up.
  const [plain, gz, xz] = settled.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  }) as [T, T, T];
  return { plain, gz, xz };
}

/** @param index path of an index without its compression, for example `main/source/Sources` */
export function variantPath(index: string, variant: Variant): string {
  return `${index}${VARIANTS[variant]}`;
}

/** All variants of an index as a Release lists them, if it does. */
export function listedVariants(
  index: string,
  entries: ReadonlyMap<string, IndexEntry>,
): Record<Variant, IndexEntry> | undefined {
  const [plain, gz, xz] = VARIANT_NAMES.map((variant) => entries.get(variantPath(index, variant)));
  return plain && gz && xz ? { plain, gz, xz } : undefined;
}

/** Path of an index file by its SHA256 digest, relative to the distribution's folder. */
export function byHashPath(entry: Pick<IndexEntry, 'path' | 'sha256'>): string {
  return join(dirname(entry.path), 'by-hash', 'SHA256', entry.sha256);
}

/**
 * Writes an index file and puts it under its digests. Files that are there already belong to an earlier
 * generation and become part of this one, told by its time.
 *
 * @param folder the distribution's
 * @param path of the file, relative to the folder
 * @param write makes the file under a name that is not its own yet
 * @returns the absolute paths that were not there before
 */
export async function writeByHash(
  folder: string,
  path: string,
  generation: Date,
  write: (target: string) => Promise<SplicedDigests>,
): Promise<{ entry: IndexEntry; created: string[] }> {
  const hashes = join(folder, dirname(path), 'by-hash');
  for (const [algorithm] of BY_HASH) {
    await mkdir(join(hashes, algorithm), { recursive: true, mode: 0o755 });
  }
  const next = join(hashes, 'SHA256', `.${basename(path)}.next`);
  const created: string[] = [];
  try {
    const entry = { path, ...(await write(next)) };
    const first = join(folder, byHashPath(entry));
    if (!(await isComplete(first, entry.size))) {
      created.push(first);
      await rename(next, first);
    }
    for (const [algorithm, key] of BY_HASH) {
      const other = join(hashes, algorithm, entry[key]);
      if (other === first || (await isComplete(other, entry.size))) continue;
      await rm(other, { force: true });
      await link(first, other);
      created.push(other);
    }
    await utimes(first, generation, generation);
    return { entry, created };
  } catch (fault) {
    for (const one of created) await rm(one, { force: true });
    throw fault;
  } finally {
    await rm(next, { force: true });
  }
}

/** Removes the generations of an index's files beyond those to retain; never what is being served. */
export async function pruneByHash(
  folder: string,
  served: readonly IndexEntry[],
  indices: readonly string[],
  retain: number,
): Promise<void> {
  for (const index of indices) {
    for (const [algorithm, key] of BY_HASH) {
      const hashes = join(folder, dirname(index), 'by-hash', algorithm);
      const kept = new Set(served.map((entry) => entry[key]));
      const files = [];
      for (const name of await readdir(hashes)) {
        files.push({ name, time: (await stat(join(hashes, name))).mtimeMs });
      }
      files.sort((a, b) => b.time - a.time);
      for (const { name } of files.slice(retain * VARIANT_NAMES.length)) {
        if (!kept.has(name)) await rm(join(hashes, name), { force: true });
      }
    }
  }
}

async function isComplete(path: string, size: number): Promise<boolean> {
  try {
    return (await stat(path)).size === size;
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw fault;
  }
}
