import { lstat, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { removeTree } from '@fatbuildr/processes';
import { archiveFault } from './artifacts.errors';
import { linkLeaves, walk } from './safe-folder';
import type { PlacedSource } from './supplements';
import { appearing, unpack, type UnpackOptions } from './unpack';

export interface SourceTreeRequest extends UnpackOptions {
  archive: string;
  /** Of the tree's folder. */
  name: string;
  /** Where the tree is made. */
  parent: string;
  /** Top-level folders of upstream that are left out. */
  drop?: readonly string[];
}

/**
 * Unpacks an upstream archive to `<parent>/<name>/`, whatever its top-level folder is called, and whether it
 * has one.
 *
 * @returns absolute path of the tree
 * @throws FatbuildrError as `unpack`; also for a symlink that leaves the tree once the top-level folder
 *   is taken off
 */
export async function makeSourceTree(request: SourceTreeRequest): Promise<string> {
  const { archive, name: folder, parent, drop = [], limits, signal } = request;
  const destination = join(parent, folder);
  await appearing(destination, async (place) => {
    const unpacked = `${place}.unpacked`;
    await unpack(archive, unpacked, { limits, signal });
    const tree = await topLevelOf(unpacked);
    for (const name of drop) {
      const path = join(tree, name);
      const stats = await lstat(path).catch(() => undefined);
      if (stats?.isDirectory()) await rm(path, { recursive: true });
    }
    for await (const { path, target } of walk(tree)) {
      if (target !== undefined && (await linkLeaves(tree, path, target))) {
        const reason = `the symlink to "${target}" leaves the source tree`;
        throw archiveFault('REFUSED', archive, path, reason);
      }
    }
    await rename(tree, place);
  });
  return destination;
}

/**
 * The tree of several sources as it is built: the main one, and in it each other one in its folder, in place
 * of what the main one has there.
 *
 * @returns absolute path of the tree
 * @throws FatbuildrError as `makeSourceTree`
 */
export async function assembleSourceTree({
  sources,
  ...request
}: Omit<SourceTreeRequest, 'archive'> & { sources: readonly PlacedSource[] }): Promise<string> {
  const [main, ...others] = sources;
  const tree = await makeSourceTree({ ...request, archive: main!.archive });
  for (const { id, archive, folder: name = id } of others) {
    await removeTree(join(tree, name));
    await makeSourceTree({ ...request, archive, name, parent: tree, drop: [] });
  }
  return tree;
}

/** The one folder everything is in, else the unpacked folder itself. */
async function topLevelOf(unpacked: string): Promise<string> {
  const entries = await readdir(unpacked, { withFileTypes: true });
  const [only] = entries;
  return entries.length === 1 && only!.isDirectory() ? join(unpacked, only!.name) : unpacked;
}
