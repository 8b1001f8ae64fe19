import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  applyRenameRules,
  collectPatches,
  linkPatch,
  renderFolder,
  type ArtifactVersion,
} from '@fatbuildr/artifacts';
import type { FatbuildrError } from '@fatbuildr/errors';
import type { BuildPatch, BuildSource } from './format-builder.port';

export interface Rendering {
  /** Folder of the definition; changed by its rename rules. */
  definition: string;
  /** Receives the rendered packaging files. */
  packaging: string;
  format: string;
  /** `undefined`: any. */
  distribution: string | undefined;
  version: ArtifactVersion;
  sources: readonly BuildSource[];
}

/**
 * Applies the rename rules, renders the packaging files of the format and collects the patches.
 *
 * @param log told of patches that are left out
 * @param onFault told what is wrong with a file, which is then left out; by default the first fault is thrown
 */
export async function renderDefinition(
  { definition, packaging, format, distribution, version, sources }: Rendering,
  log: (message: string) => void,
  onFault?: (fault: FatbuildrError) => void,
): Promise<BuildPatch[]> {
  const variables = { version: version.forTemplates() };
  await applyRenameRules(definition, variables);
  const folder = join(definition, format);
  // Whether files are missing is the format's to say: some need none.
  if (existsSync(folder)) await renderFolder(folder, packaging, variables, onFault);
  else await mkdir(packaging);
  const target = { version: version.main, format, distribution, variables };
  const patches = await collectPatches(definition, target, log, onFault);
  const links = linkPatch(sources);
  return links === undefined ? patches : [links, ...patches];
}
