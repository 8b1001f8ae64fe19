import { existsSync, readFileSync } from 'node:fs';
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

/** The version of the installed program, that of its package.json. */
export const version = manifestOf(findProgramRoot())?.version ?? '';

/** A copy of package.json that a compiler put among its results does not make an installation. */
function isProgramRoot(folder: string): boolean {
  return manifestOf(folder)?.name === 'fatbuildr' && existsSync(join(folder, 'packaging'));
}

/** Name and version in the package.json of a folder; `undefined` where there is none to read. */
function manifestOf(folder: string): { name?: string; version?: string } | undefined {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return typeof manifest === 'object' && manifest !== null ? manifest : undefined;
  } catch {
    return undefined;
  }
}
