import type { ContentMember } from '@fatbuildr/protocol';
import type { RpmHeader } from './rpm-header';
import { TAG } from './rpm-tags';

/** Linux knows no longer path; headers could make much of little with them. */
const MAX_PATH = 4096;
const TYPE_MASK = 0o170000;
const DIRECTORY = 0o040000;
const LINK = 0o120000;
const GHOST = 1 << 6;

/** A file of a package as the indices know it. */
export interface PackagedFile extends ContentMember {
  /** Belongs to the package without being in its payload. */
  isGhost: boolean;
}

/** @throws Error when the header is damaged or has more files than allowed */
export function packagedFiles(header: RpmHeader, maxEntries: number): PackagedFile[] {
  const names = header.texts(TAG.baseNames);
  if (names.length > maxEntries) {
    throw new Error(`it has ${names.length} files, more than the ${maxEntries} allowed`);
  }
  const folders = header.texts(TAG.directoryNames);
  const folderOf = header.numbers(TAG.directoryIndexes);
  const modes = header.numbers(TAG.fileModes);
  const flags = header.numbers(TAG.fileFlags);
  const long = header.numbers(TAG.longFileSizes);
  const sizes = long.length > 0 ? long : header.numbers(TAG.fileSizes);
  return names.map((name, at) => {
    const folder = folders[folderOf[at] ?? -1];
    const mode = modes[at];
    if (folder === undefined || mode === undefined)
      throw new Error(`${name} has no folder or mode`);
    const path = folder + name;
    if (path.length > MAX_PATH) throw new Error(`a path is longer than ${MAX_PATH} characters`);
    const type = mode & TYPE_MASK;
    return {
      path,
      type: type === DIRECTORY ? 'd' : type === LINK ? 'l' : 'f',
      size: sizes[at] ?? 0,
      isGhost: ((flags[at] ?? 0) & GHOST) !== 0,
    };
  });
}

/** Files that clients know without reading the list of all: others may require them by path. */
export function isPrimary(path: string): boolean {
  return path.startsWith('/etc/') || path.includes('bin/') || path === '/usr/lib/sendmail';
}
