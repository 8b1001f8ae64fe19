import { createReadStream, createWriteStream, openSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { FatbuildrError } from '@fatbuildr/errors';
import { run } from '@fatbuildr/processes';
import type { Header, Pack } from 'tar-stream';
import { aborted, folderFault } from './artifacts.errors';
import { linkLeaves, walk, type TreeEntry } from './safe-folder';

/** One time for every file; recent enough for tools that complain about ancient ones. */
export const PACKED_TIME = new Date('2000-01-01T00:00:00Z');

export interface PackOptions {
  /** Top-level folder inside the archive, by default the folder's own name; empty: none. */
  prefix?: string;
  /** Modification time of every member. */
  mtime?: Date;
  /** Compression level of xz or gzip, 6 by default. */
  level?: number;
  /** A folder that is not selected is left out with all below it. */
  select?: (path: string, kind: TreeEntry['kind']) => boolean;
  /** Bytes of all files together. */
  maxSize?: number;
  maxEntries?: number;
  signal?: AbortSignal;
}

/**
 * Packs a folder so that the same content always gives the same bytes: members sorted, times, owners
 * and modes fixed. Appears at once and whole.
 *
 * @param archive ends in `.tar.xz` or `.tar.gz`
 * @returns number of members
 * @throws FatbuildrError `ARTIFACT.REFUSED_FILE` for devices, symlinks that leave the folder, and what
 *   goes over the limits; `ARTIFACT.ABORTED`
 */
export async function packTree(
  folder: string,
  archive: string,
  options: PackOptions = {},
): Promise<number> {
  const { level = 6, signal } = options;
  if (!/\.tar\.(xz|gz)$/.test(archive)) {
    throw new FatbuildrError(
      'ARCHIVE.UNKNOWN_TYPE',
      `cannot pack ${archive}: expected a name that ends in .tar.xz or .tar.gz`,
      { archive },
    );
  }
  const { pack: createPack } = await import('tar-stream');
  const pack = createPack();
  const packed = Readable.from(pack, { objectMode: false });
  const temporary = join(dirname(archive), `.${basename(archive)}.${randomUUID()}`);
  // Opened at once: a stream opens its file late, which could be after we have failed and tidied up.
  const output = createWriteStream(temporary, { fd: openSync(temporary, 'wx', 0o644) });
  const stop = new AbortController();
  const signals = signal === undefined ? stop.signal : AbortSignal.any([stop.signal, signal]);
  const compressing: Promise<unknown> = archive.endsWith('.xz')
    ? // One thread: with several the output depends on their number.
      run(['xz', '-c', '-T1', `-${level}`], { stdin: packed, stdout: output, signal: signals })
    : pipeline(packed, createGzip({ level }), output, { signal: signals });
  // A compressor that dies ends the packing as well.
  const failed = compressing.catch((fault: unknown) => {
    pack.destroy(fault instanceof Error ? fault : undefined);
    throw fault;
  });
  failed.catch(() => undefined);
  try {
    const [members] = await Promise.all([fill(pack, folder, options), failed]);
    await rename(temporary, archive);
    return members;
  } catch (fault) {
    stop.abort();
    await failed.catch(() => undefined);
    if (signal?.aborted) throw aborted(`packing ${folder}`);
    throw fault;
  } finally {
    output.destroy();
    await rm(temporary, { force: true });
  }
}

async function fill(pack: Pack, folder: string, options: PackOptions): Promise<number> {
  const { prefix = basename(folder), mtime = PACKED_TIME, select, signal } = options;
  const { maxSize = Infinity, maxEntries = Infinity } = options;
  const common = { mtime, uid: 0, gid: 0 };
  const within = (path: string) => (prefix === '' ? path : `${prefix}/${path}`);
  let [members, bytes] = [0, 0];
  if (prefix !== '') {
    await add(pack, { ...common, name: `${prefix}/`, type: 'directory', mode: 0o755 });
  }
  for await (const { path, kind, size, executable, target } of walk(folder, select)) {
    if (signal?.aborted) throw aborted(`packing ${folder}`);
    if (++members > maxEntries) {
      throw folderFault(folder, path, `more than ${maxEntries} files are not taken`);
    }
    if ((bytes += size) > maxSize) {
      throw folderFault(folder, path, `with it the folder holds more than ${maxSize} bytes`);
    }
    const name = within(path);
    if (kind === 'directory') {
      await add(pack, { ...common, name: `${name}/`, type: 'directory', mode: 0o755 });
    } else if (kind === 'symlink') {
      if (await linkLeaves(folder, path, target!)) {
        throw folderFault(folder, path, `the symlink to "${target}" leaves the folder`);
      }
      await add(pack, { ...common, name, type: 'symlink', linkname: target!, mode: 0o777 });
    } else {
      const mode = executable ? 0o755 : 0o644;
      await add(pack, { ...common, name, type: 'file', size, mode }, join(folder, path));
    }
  }
  pack.finalize();
  return members;
}

async function add(
  pack: Pack,
  header: Partial<Header> & { name: string },
  file?: string,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const done = (fault?: Error | null) => (fault ? reject(fault) : resolve());
    if (file === undefined || header.size === 0) pack.entry(header, '', done);
    else pipeline(createReadStream(file), pack.entry(header, done)).catch(reject);
  });
}
