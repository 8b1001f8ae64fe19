import { createHash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { chmod, copyFile, mkdir, open, rename, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
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
