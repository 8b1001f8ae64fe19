import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { checkMainVersion } from './artifact-version';
import { folderFault } from './artifacts.errors';
import { readInside } from './safe-folder';

const MAX_PATCH_BYTES = 64 * 1024 * 1024;

/** A patch of the definition. */
export interface Patch {
  /** File name, a single path component. */
  name: string;
  content: Buffer;
}

/**
 * The patches of one upstream version, `patches/<version>/*` by name in byte order. Hidden files are
 * not patches.
 *
 * @throws FatbuildrError `ARTIFACT.REFUSED_FILE`, `ARTIFACT.BAD_VERSION`
 */
export async function collectPatches(folder: string, version: string): Promise<Patch[]> {
  const place = `patches/${checkMainVersion(version)}`;
  const names = await readdir(join(folder, place)).catch((fault: NodeJS.ErrnoException) => {
    if (fault.code === 'ENOENT') return [];
    throw folderFault(folder, place, 'expected a folder of patches');
  });
  const patches: Patch[] = [];
  for (const name of names.filter((name) => !name.startsWith('.')).sort()) {
    const content = await readInside(folder, `${place}/${name}`, MAX_PATCH_BYTES);
    if (content === undefined) {
      throw folderFault(folder, `${place}/${name}`, 'the symlink leads nowhere');
    }
    patches.push({ name, content });
  }
  return patches;
}
