import { constants, type Stats } from 'node:fs';
import { chmod, chown, copyFile, lstat, mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { BUILD_ACCOUNT, BUILD_USER } from '@fatbuildr/images';
import { removeTree, run } from '@fatbuildr/processes';
import { badResult } from './builds.errors';

/** The build folder in a container. One path for all builds makes them comparable; dpkg records those below `/build/`. */
export const BUILD_FOLDER = '/build';

/** An empty folder that the build account may write. */
export async function makeBuildFolder(path: string): Promise<void> {
  await removeTree(path);
  await mkdir(path, { recursive: true });
  await chmod(path, 0o755);
  await chown(path, BUILD_ACCOUNT.id, BUILD_ACCOUNT.id);
}

/** Hands a tree over to the build account; links are not followed. */
export async function handOver(path: string): Promise<void> {
  await run(['chown', '--recursive', '--no-dereference', BUILD_USER, path]);
}

/** A copy that shares its blocks with the original where the file system can. */
export async function cloneFile(from: string, to: string): Promise<void> {
  await copyFile(from, to, constants.COPYFILE_FICLONE);
  await chmod(to, 0o644);
}

/**
 * Moves files a build left to the results, as files of ours. The container that wrote them must be gone.
 *
 * @throws FatbuildrError `BUILDS.BAD_RESULT` for what is no plain file, and for what would replace an earlier result
 */
export async function collect(
  folder: string,
  names: readonly string[],
  results: string,
): Promise<string[]> {
  const collected: string[] = [];
  for (const name of names) {
    await requirePlainFile(folder, name);
    const target = join(results, name);
    if (await lstat(target).catch(() => undefined)) {
      throw badResult(name, 'an earlier result has that name');
    }
    await rename(join(folder, name), target);
    await chown(target, process.geteuid?.() ?? 0, process.getegid?.() ?? 0);
    await chmod(target, 0o644);
    collected.push(target);
  }
  return collected;
}

/** @throws FatbuildrError `BUILDS.BAD_RESULT` */
export async function requirePlainFile(folder: string, name: string): Promise<Stats> {
  // Names and versions leave nothing else for files (Debian Policy 5.6.1 and 5.6.12; rpm has "^" as well).
  if (!/^[0-9A-Za-z][0-9A-Za-z.+~^_:%-]*$/.test(name))
    throw badResult(`"${name}"`, 'a forbidden name');
  const stats = await lstat(join(folder, name)).catch(() => undefined);
  if (!stats) throw badResult(name, 'the file is listed, but missing');
  if (!stats.isFile() || stats.nlink !== 1) throw badResult(name, 'it is not a plain file');
  return stats;
}

/** The one file of a folder with that ending. */
export async function findFile(folder: string, ending: string): Promise<string> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(ending));
  if (names.length !== 1) {
    throw badResult(`${names.length} files *${ending}`, 'exactly one was expected');
  }
  return names[0] as string;
}
