import { constants } from 'node:fs';
import { lstat, open, readdir, readlink, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { folderFault } from './artifacts.errors';

/** The kernel's own limit on symlinks in one path; a longer chain resolves to nothing. */
const MAX_LINK_HOPS = 40;

export interface TreeEntry {
  /** Relative to the folder, components separated by `/`. */
  path: string;
  kind: 'directory' | 'file' | 'symlink';
  /** Any of the executable bits is set. */
  executable: boolean;
  /** Bytes; 0 for anything but files. */
  size: number;
  /** Where a symlink points to, as it is written. */
  target: string | undefined;
}

/**
 * Everything below a folder in byte order of the paths, symlinks not followed. Devices, sockets and
 * pipes are refused.
 *
 * @param select a folder that is not selected is not entered
 * @throws FatbuildrError `ARTIFACT.REFUSED_FILE`
 */
export async function* walk(
  folder: string,
  select: (path: string, kind: TreeEntry['kind']) => boolean = () => true,
  below = '',
): AsyncGenerator<TreeEntry> {
  const names = await readdir(join(folder, below));
  for (const name of names.sort()) {
    const path = below === '' ? name : `${below}/${name}`;
    const stats = await lstat(join(folder, path));
    const kind = stats.isDirectory()
      ? 'directory'
      : stats.isFile()
        ? 'file'
        : stats.isSymbolicLink()
          ? 'symlink'
          : undefined;
    if (kind === undefined)
      throw folderFault(folder, path, 'devices, sockets and pipes are refused');
    if (!select(path, kind)) continue;
    yield {
      path,
      kind,
      executable: kind === 'file' && (stats.mode & 0o111) !== 0,
      size: kind === 'file' ? stats.size : 0,
      target: kind === 'symlink' ? await readlink(join(folder, path)) : undefined,
    };
    if (kind === 'directory') yield* walk(folder, select, path);
  }
}

/**
 * Whether a symlink of a folder leads out of it, followed as the kernel does: through other symlinks,
 * `..` taken where the path really is. Parts that do not exist are taken by name.
 *
 * @param path of the symlink, relative to the folder; its parents are no symlinks
 */
export async function linkLeaves(folder: string, path: string, target: string): Promise<boolean> {
  if (target.startsWith('/')) return true;
  const here = path.split('/').slice(0, -1);
  const pending = target.split('/');
  for (let hops = 0; pending.length > 0;) {
    const part = pending.shift()!;
    if (part === '' || part === '.') continue;
    if (part === '..') {
      if (here.length === 0) return true;
      here.pop();
      continue;
    }
    here.push(part);
    const next = await readlink(join(folder, ...here)).catch(() => undefined);
    if (next === undefined) continue;
    if (next.startsWith('/')) return true;
    if (++hops > MAX_LINK_HOPS) return false;
    here.pop();
    pending.unshift(...next.split('/'));
  }
  return false;
}

/** @throws FatbuildrError `ARTIFACT.REFUSED_FILE` when a symlink of the folder leads out of it */
export async function refuseLeavingLinks(folder: string): Promise<void> {
  for await (const entry of walk(folder)) {
    if (entry.target !== undefined && (await linkLeaves(folder, entry.path, entry.target))) {
      throw folderFault(folder, entry.path, `the symlink to "${entry.target}" leaves the folder`);
    }
  }
}

/**
 * Reads a regular file of an untrusted folder.
 *
 * @returns `undefined` when there is no such file
 * @throws FatbuildrError `ARTIFACT.REFUSED_FILE` when a symlink leads out of the folder, when it is no
 *   regular file or larger than `maxBytes`
 */
export async function readInside(
  folder: string,
  path: string,
  maxBytes: number,
): Promise<Buffer | undefined> {
  const real = await realpath(join(folder, path)).catch((fault: NodeJS.ErrnoException) => {
    if (fault.code === 'ENOENT' || fault.code === 'ENOTDIR') return undefined;
    throw folderFault(folder, path, `cannot be read (${fault.code})`);
  });
  if (real === undefined) return undefined;
  if (!isInside(await realpath(folder), real)) {
    throw folderFault(folder, path, 'leaves the folder');
  }
  // Non-blocking, so that opening a pipe does not wait for a writer.
  const file = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw folderFault(folder, path, 'expected a file');
    if (stats.size > maxBytes) {
      throw folderFault(folder, path, `holds ${stats.size} bytes, at most ${maxBytes} are taken`);
    }
    return await file.readFile();
  } finally {
    await file.close();
  }
}

export function isInside(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}
