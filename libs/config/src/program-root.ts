import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { programRootNotFound } from './config.errors';

/**
 * The folder the program is installed in: the nearest one upwards whose package.json is that of
 * fatbuildr. Works from the sources and from the compiled tree.
 *
 * @throws FatbuildrError `CONFIG.PROGRAM_ROOT`
 */
export function findProgramRoot(from: string = __dirname): string {
  for (let folder = from; ; folder = dirname(folder)) {
    if (isProgramRoot(folder)) return folder;
    if (folder === dirname(folder)) throw programRootNotFound(from);
  }
}

function isProgramRoot(folder: string): boolean {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return (
      typeof manifest === 'object' &&
      manifest !== null &&
      'name' in manifest &&
      manifest.name === 'fatbuildr'
    );
  } catch {
    return false; // No package.json here, or one that is not ours to read.
  }
}
