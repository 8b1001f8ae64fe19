import { createHash } from 'node:crypto';
import { link, mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { run } from '@fatbuildr/processes';
import { writeDurably } from '@fatbuildr/registries';
import type { IndexEntry } from './release';

/** In how many files an index is published: plain and compressed. */
const VARIANTS = ['', '.gz', '.xz'] as const;

/**
 * Release lists two digests, and apt asks for files by the stronger one; older clients and the repository
 * format know SHA256.
 */
const BY_HASH = [
  ['SHA256', 'sha256'],
  ['SHA512', 'sha512'],
] as const;

const compress = promisify(gzip);

/** @param index path of an index without its compression, for example `main/source/Sources` */
export function variantsOf(index: string): string[] {
  return VARIANTS.map((suffix) => `${index}${suffix}`);
}

/** The published variants of an index: plain, gzip and xz. */
export async function packIndex(
  index: string,
  text: string,
): Promise<{ entry: IndexEntry; content: Buffer }[]> {
  const plain = Buffer.from(text, 'utf8');
  const gz = (await compress(plain)) as Buffer;
  const { stdout: xz } = await run(['xz', '-6c'], { stdin: Readable.from([plain]) });
  return [plain, gz, xz].map((content, at) => ({
    content,
    entry: {
      path: `${index}${VARIANTS[at]}`,
      size: content.length,
      sha256: createHash('sha256').update(content).digest('hex'),
      sha512: createHash('sha512').update(content).digest('hex'),
    },
  }));
}

/** Path of an index file by its SHA256 digest, relative to the distribution's folder. */
export function byHashPath(entry: IndexEntry): string {
  return join(dirname(entry.path), 'by-hash', 'SHA256', entry.sha256);
}

/**
 * Writes index files under their digests. A file that is there already belongs to an earlier generation
 * and becomes part of this one, told by its time.
 *
 * @param folder the distribution's
 * @returns absolute paths that were not there before
 */
export async function writeByHash(
  folder: string,
  files: readonly { entry: IndexEntry; content: Buffer }[],
  generation: Date,
): Promise<string[]> {
  const created: string[] = [];
  for (const { entry, content } of files) {
    const first = join(folder, byHashPath(entry));
    for (const [algorithm, key] of BY_HASH) {
      const path = join(folder, dirname(entry.path), 'by-hash', algorithm, entry[key]);
      await mkdir(dirname(path), { recursive: true, mode: 0o755 });
      if (!(await isComplete(path, entry.size))) {
        const next = join(dirname(path), `.${entry[key]}.next`);
        await rm(next, { force: true });
        if (path === first) await writeDurably(next, content);
        else await link(first, next);
        created.push(path);
        await rename(next, path);
      }
    }
    await utimes(first, generation, generation);
  }
  return created;
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
      for (const { name } of files.slice(retain * VARIANTS.length)) {
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
