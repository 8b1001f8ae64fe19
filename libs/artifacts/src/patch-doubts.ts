import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { FatbuildrError } from '@fatbuildr/errors';
import { readPatchHeader, splitPatch } from './patch-header';
import { GENERIC, listPatches, MAX_PATCH_BYTES } from './patches';
import { readInside } from './safe-folder';

/** What is built, and known. */
export interface PatchUse {
  /** Upstream's, of all derivatives. */
  versions: readonly string[];
  /** Names of the formats that exist. */
  formats: readonly string[];
}

/**
 * Patches that are never applied, or change nothing.
 *
 * @returns faults `ARTIFACT.DOUBTFUL_PATCH` that no build is refused for
 */
export async function doubtfulPatches(
  folder: string,
  { versions, formats }: PatchUse,
): Promise<FatbuildrError[]> {
  const doubts: FatbuildrError[] = [];
  const doubt = (file: string, reason: string) =>
    doubts.push(
      new FatbuildrError('ARTIFACT.DOUBTFUL_PATCH', `${file}: ${reason}`, { file, reason }),
    );
  const places = await readdir(join(folder, 'patches')).catch(() => []);
  for (const place of places.filter((name) => !name.startsWith('.')).sort()) {
    if (place !== GENERIC && !versions.includes(place)) {
      const known = [GENERIC, ...new Set(versions)].join(', ');
      doubt(`patches/${place}`, `no derivative has this version; patches are applied of: ${known}`);
      continue;
    }
    for (const name of await listPatches(folder, `patches/${place}`).catch(() => [])) {
      const path = `patches/${place}/${name}`;
      try {
        const content = await readInside(folder, path, MAX_PATCH_BYTES);
        if (content === undefined) continue;
        const header = readPatchHeader(folder, path, content);
        const unknown = header.formats?.filter((format) => !formats.includes(format)) ?? [];
        if (unknown.length > 0) {
          const names = unknown.map((format) => `"${format}"`).join(', ');
          doubt(path, `its header names the format ${names}, known are: ${formats.join(', ')}`);
        }
        if (!header.isTemplate && splitPatch(content).diff.length === 0)
          doubt(path, 'it changes no file');
      } catch (fault) {
        // What builds refuse is told by them.
        if (!(fault instanceof FatbuildrError)) throw fault;
      }
    }
  }
  return doubts;
}
