import { createHash } from 'node:crypto';
import { constants, createReadStream, type Dirent } from 'node:fs';
import { access, chmod, copyFile, mkdir, open, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Semaphore } from 'async-mutex';
import type { Configuration } from '@fatbuildr/config';
import type { Instance } from '@fatbuildr/instances';
import type { PackageFile } from './registry-format.port';
import { allDone, syncFolder } from './staged-files';

/** Files copied at the same time: waiting for the disk is most of it. */
const AT_ONCE = 8;

/** The public folder of a registry. */
export function registryRoot(
  configuration: Pick<Configuration, 'dirs'>,
  instance: Pick<Instance, 'id'>,
  format: string,
): string {
  return join(configuration.dirs.registry, instance.id, format);
}

/** The address of a registry for its clients: below `[registry] url`, else the folder on this host. */
export function registryAddress(
  configuration: Pick<Configuration, 'dirs' | 'registry'>,
  instance: Pick<Instance, 'id'>,
  format: string,
): string {
  const { url } = configuration.registry;
  if (url === undefined) return pathToFileURL(registryRoot(configuration, instance, format)).href;
  return `${url.replace(/\/+$/, '')}/${instance.id}/${format}`;
}

/** What is in a folder of a registry; nothing when it is missing. */
export async function listEntries(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw fault;
  }
}

/** Names of the folders in a registry's folder; hidden ones are not part of its layout. */
export async function listFolders(folder: string): Promise<string[]> {
  const entries = await listEntries(folder);
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => name);
}

export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

export interface FileDigests {
  size: number;
  sha256: string;
  sha512: string;
}

/** Size and digests of a file, read once. */
export async function digestFile(path: string): Promise<FileDigests> {
  const sha256 = createHash('sha256');
  const sha512 = createHash('sha512');
  let size = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    size += chunk.length;
    sha256.update(chunk);
    sha512.update(chunk);
  }
  return { size, sha256: sha256.digest('hex'), sha512: sha512.digest('hex') };
}

/**
 * Copies files to their places in a registry's folder. A file that is there with the same content stays;
 * with other content it is replaced: the caller has made sure that no published package owns it, so it is
 * a leftover of a publication that was killed.
 *
 * @returns the paths that were not there before, for `removeFiles` should the publication fail
 */
export async function placeFiles(root: string, files: readonly PackageFile[]): Promise<string[]> {
  const placed: string[] = [];
  try {
    const different = new Map(files.map((file) => [file.path, file]));
    const places = new Semaphore(AT_ONCE);
    await allDone(
      [...different.values()].map((file) =>
        places.runExclusive(async () => {
          const target = join(root, file.path);
          if (target === file.from || (await holds(target, file))) return;
          await mkdir(dirname(target), { recursive: true, mode: 0o755 });
          const next = join(dirname(target), `.${basename(target)}.next`);
          placed.push(file.path);
          await copyDurably(file.from, next);
          await rename(next, target);
        }),
      ),
    );
    const folders = new Set(placed.map((path) => dirname(join(root, path))));
    await allDone([...folders].map(syncFolder));
  } catch (fault) {
    await removeFiles(root, placed);
    throw fault;
  }
  return placed;
}

/** Removes files and the folders they leave empty. */
export async function removeFiles(root: string, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const target = join(root, path);
    await rm(join(dirname(target), `.${basename(target)}.next`), { force: true });
    await rm(target, { force: true });
    await removeEmpty(root, dirname(path));
  }
}

async function removeEmpty(root: string, folder: string): Promise<void> {
  if (folder === '.' || folder === '/') return;
  try {
    await rmdir(join(root, folder));
  } catch {
    // Not empty, or already gone: the folders above stay too.
    return;
  }
  await removeEmpty(root, dirname(folder));
}

async function holds(path: string, expected: FileDigests): Promise<boolean> {
  try {
    const found = await digestFile(path);
    return found.size === expected.size && found.sha512 === expected.sha512;
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw fault;
  }
}

async function copyDurably(from: string, to: string): Promise<void> {
  await copyFile(from, to, constants.COPYFILE_FICLONE);
  await chmod(to, 0o644);
  const handle = await open(to, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
