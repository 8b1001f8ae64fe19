import { constants } from 'node:fs';
import { open, readdir, readlink, realpath, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { unknownFile } from './files.errors';

/** A part of a path that names a file of ours: names that start with a dot are not published. */
const NAME = /^[^./\\\0][^/\\\0]*$/;

const ABSENT = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP', 'EACCES', 'ENXIO']);

export interface FolderMember {
  name: string;
  folder: boolean;
}

/** A folder whose files anyone may have who may ask: nothing leads out of it, neither `..` nor a link. */
export class PublicFolder {
  constructor(private readonly root: string) {}

  /**
   * Opens a file or folder; what is opened is what was checked, whatever happens to the name afterwards.
   *
   * @param path relative, its parts separated by `/`
   * @throws FatbuildrError `FILES.UNKNOWN`
   */
  async open(path: string): Promise<{ handle: FileHandle; folder: boolean }> {
    const parts = path.split('/').filter((part, at, all) => part !== '' || at < all.length - 1);
    if (!parts.every((part) => NAME.test(part))) throw unknownFile(path);
    // Without waiting: of a pipe nobody may ever write to the other end.
    const flags = constants.O_RDONLY | constants.O_NONBLOCK;
    const handle = await open(join(this.root, ...parts), flags).catch(absentAs(path));
    try {
      const [place, root, stats] = await Promise.all([
        readlink(`/proc/self/fd/${handle.fd}`),
        realpath(this.root),
        handle.stat(),
      ]);
      const inside = place === root || place.startsWith(`${root}/`);
      const folder = stats.isDirectory();
      if (!inside || !(folder || stats.isFile())) throw unknownFile(path);
      return { handle, folder };
    } catch (fault) {
      await handle.close();
      throw fault;
    }
  }

  /** What is published in a folder that was opened, folders first, each by name. */
  async members(folder: FileHandle): Promise<FolderMember[]> {
    const entries = await readdir(`/proc/self/fd/${folder.fd}`, { withFileTypes: true });
    return entries
      .filter((entry) => NAME.test(entry.name) && (entry.isFile() || entry.isDirectory()))
      .map((entry) => ({ name: entry.name, folder: entry.isDirectory() }))
      .sort((a, b) => Number(b.folder) - Number(a.folder) || (a.name < b.name ? -1 : 1));
  }
}

const absentAs =
  (path: string) =>
  (fault: NodeJS.ErrnoException): never => {
    throw ABSENT.has(fault.code ?? '') ? unknownFile(path) : fault;
  };
