import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { checkMainVersion } from './artifact-version';
import { folderFault } from './artifacts.errors';
import { readPatchHeader, type PatchHeader } from './patch-header';
import { readInside } from './safe-folder';
import { MAX_TEMPLATE_BYTES } from './template-engine';
import { renderText, type TemplateVariables } from './templates';

const MAX_PATCH_BYTES = 64 * 1024 * 1024;

/** Patches of every version. */
const GENERIC = 'generic';

/** A patch of the definition. */
export interface Patch {
  /** A single path component, that no other patch has. */
  name: string;
  content: Buffer;
}

/** What is to be patched. */
export interface PatchTarget {
  /** Upstream's. */
  version: string;
  format: string;
  distribution: string;
  /** Of patches that are templates. */
  variables: TemplateVariables;
}

/**
 * The patches for one target, in the order they are applied: `patches/generic/*`, then `patches/<version>/*`,
 * each by name in byte order. Hidden files are not patches; a header may restrict a patch to some
 * distributions or formats, and make it a template.
 *
 * @param log told of patches that are left out
 * @throws FatbuildrError `ARTIFACT.REFUSED_FILE`, `ARTIFACT.BAD_VERSION`, `ARTIFACT.TEMPLATE`
 */
export async function collectPatches(
  folder: string,
  target: PatchTarget,
  log: (message: string) => void = () => undefined,
): Promise<Patch[]> {
  const patches = new Map<string, Buffer>();
  for (const place of [GENERIC, checkMainVersion(target.version)]) {
    for (const name of await listPatches(folder, `patches/${place}`)) {
      const path = `patches/${place}/${name}`;
      const content = await readInside(folder, path, MAX_PATCH_BYTES);
      if (content === undefined) throw folderFault(folder, path, 'the symlink leads nowhere');
      const header = readPatchHeader(folder, path, content);
      const other = restriction(header, target);
      if (other !== undefined) {
        log(`${path} is left out: it is for ${other}`);
        continue;
      }
      const isTaken = patches.has(name);
      patches.set(
        isTaken ? `${place}-${name}` : name,
        header.isTemplate ? await render(folder, path, content, target.variables) : content,
      );
    }
  }
  return [...patches].map(([name, content]) => ({ name, content }));
}

async function listPatches(folder: string, place: string): Promise<string[]> {
  const names = await readdir(join(folder, place)).catch((fault: NodeJS.ErrnoException) => {
    if (fault.code === 'ENOENT') return [];
    throw folderFault(folder, place, 'expected a folder of patches');
  });
  return names.filter((name) => !name.startsWith('.')).sort();
}

/** What the patch is for, when that is something else. */
function restriction(
  { distributions, formats }: PatchHeader,
  { distribution, format }: PatchTarget,
): string | undefined {
  const other =
    distributions?.includes(distribution) === false
      ? distributions
      : formats?.includes(format) === false
        ? formats
        : undefined;
  return other?.join(', ');
}

async function render(
  folder: string,
  path: string,
  content: Buffer,
  variables: TemplateVariables,
): Promise<Buffer> {
  if (content.length > MAX_TEMPLATE_BYTES) {
    throw folderFault(folder, path, 'is too large for a template');
  }
  return Buffer.from(await renderText(content.toString('utf8'), variables, { name: path }));
}
