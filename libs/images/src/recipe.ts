import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { badPackageList } from './making.errors';

/** On images we make: digest of all they were made from, so that a changed recipe is noticed. */
export const RECIPE_LABEL = 'org.rackslab.fatbuildr.recipe';

/** What package managers take for a name: `g++`, `libc6:arm64`, `dnf-command(builddep)`, `@core`. */
const PACKAGE = /^@?[A-Za-z0-9][A-Za-z0-9+._:()-]*$/;

/**
 * Reads a list of package names, one per line, with `#` comments.
 *
 * @throws FatbuildrError `IMAGES.BAD_PACKAGE_LIST`
 */
export async function readPackageList(folder: string, name: string): Promise<string[]> {
  const path = join(folder, name);
  const lines = (await readFile(path, 'utf8'))
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim());
  const packages = lines.filter(Boolean);
  for (const line of packages) if (!PACKAGE.test(line)) throw badPackageList(path, line);
  return packages;
}

/** Digest of what an image is made from. */
export function recipeDigest(...parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
