import {
  copyFile,
  lstat,
  mkdir,
  readdir,
  readlink,
  realpath,
  rename,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { removeTree } from '@fatbuildr/processes';

/** A file that is to be: with new content, or as another file is. */
export interface NewFile {
  name: string;
  content: Buffer | { sameAs: string };
}

/**
 * Gives a folder other files, all at once: they are written beside it, then the folders are exchanged. What is
 * hidden stays.
 *
 * @param folder may be absent, or a link to a folder; without files it is removed
 */
export async function replaceFolder(folder: string, files: readonly NewFile[]): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  const place = await realpath(folder).catch(() => folder);
  const fresh = join(dirname(place), `.${basename(place)}.${randomUUID()}`);
  const names = await readdir(place).catch(() => []);
  const hidden = names.filter((name) => name.startsWith('.'));
  await mkdir(fresh);
  try {
    for (const name of hidden) await copyAsIs(join(place, name), join(fresh, name));
    for (const { name, content } of files) {
      const path = join(fresh, name);
      if (Buffer.isBuffer(content)) await writeFile(path, content, { flag: 'wx' });
      else await copyAsIs(join(place, content.sameAs), path);
    }
  } catch (fault) {
    await removeTree(fresh);
    throw fault;
  }
  const old = `${fresh}.old`;
  if (names.length > 0 || place !== folder) await rename(place, old);
  else await removeTree(place);
  if (files.length + hidden.length > 0) await rename(fresh, place);
  else await removeTree(fresh);
  await removeTree(old);
}

/** Links stay links: the new place is as deep as the old one. */
async function copyAsIs(from: string, to: string): Promise<void> {
  const stats = await lstat(from);
  if (stats.isSymbolicLink()) await symlink(await readlink(from), to);
  else await copyFile(from, to);
}
