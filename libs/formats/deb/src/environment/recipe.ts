import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { badPackageList } from './environment.errors';

/** On images we make: digest of all they were made from, so that a changed recipe is noticed. */
export const RECIPE_LABEL = 'org.rackslab.fatbuildr.deb.recipe';

/** A package name, with `:architecture` or not (Debian Policy 5.6.1). */
const PACKAGE = /^[a-z0-9][a-z0-9+.-]+(?::[a-z0-9-]+)?$/;

/**
 * Reads a list of package names, one per line, with `#` comments.
 *
 * @throws FatbuildrError `DEB.BAD_PACKAGE_LIST`
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
