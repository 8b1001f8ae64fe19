import { lstat, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { DEFINITION_FILES } from '@fatbuildr/artifacts';
import { noDefinitions, notAFolder, severalDefinitions } from './definitions.errors';

/** Folders below a repository that are looked through. */
const MAX_DEPTH = 5;

export interface DefinitionPlace {
  /** Absolute. */
  folder: string;
  artifact: string;
}

/**
 * The definition in a folder, or all those in folders below it, by their paths.
 *
 * @param artifact name of the one definition, where its folder has another
 * @throws FatbuildrError `USAGE.WRONG`, `DEFINITIONS.NONE`
 */
export async function findDefinitions(
  folder: string,
  artifact?: string,
): Promise<DefinitionPlace[]> {
  const stats = await lstat(folder).catch(() => undefined);
  if (!stats?.isDirectory()) throw notAFolder(folder);
  const found = await definitionsBelow(folder, MAX_DEPTH);
  if (found.length === 0) throw noDefinitions(folder, DEFINITION_FILES);
  if (artifact === undefined) return found;
  if (found.length > 1) throw severalDefinitions(folder, artifact);
  return [{ folder: found[0]!.folder, artifact }];
}

async function definitionsBelow(folder: string, depth: number): Promise<DefinitionPlace[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  if (entries.some(({ name }) => (DEFINITION_FILES as readonly string[]).includes(name))) {
    return [{ folder, artifact: basename(folder) }];
  }
  if (depth === 0) return [];
  const found: DefinitionPlace[] = [];
  const folders = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'));
  for (const { name } of folders.sort((one, other) => (one.name < other.name ? -1 : 1))) {
    found.push(...(await definitionsBelow(join(folder, name), depth - 1)));
  }
  return found;
}
