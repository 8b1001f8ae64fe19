import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { PackagingRequest } from '@fatbuildr/builds';
import { badPackaging } from './tarball.errors';

/** The one packaging file, `tarball/build` of the definition. */
export const BUILD_SCRIPT = 'build';

/**
 * Whether the definition has a script.
 *
 * @throws FatbuildrError `TARBALL.BAD_PACKAGING` for a script that cannot run, and for what would be ignored
 */
export async function hasBuildScript({
  artifact,
  packaging,
}: Pick<PackagingRequest, 'artifact' | 'packaging'>): Promise<boolean> {
  const names = await readdir(packaging);
  const other = names.find((name) => name !== BUILD_SCRIPT);
  if (other !== undefined) {
    throw badPackaging(artifact, other, 'the folder holds nothing but the script "build"');
  }
  if (names.length === 0) return false;
  const found = await lstat(join(packaging, BUILD_SCRIPT));
  if (!found.isFile()) throw badPackaging(artifact, BUILD_SCRIPT, 'it is no file');
  if ((found.mode & 0o111) === 0) {
    throw badPackaging(artifact, BUILD_SCRIPT, 'it is not executable, run chmod +x on it');
  }
  return true;
}
