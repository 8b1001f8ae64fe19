import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { FatbuildrError } from '@fatbuildr/errors';
import { checkMainVersion } from './artifact-version';
import { folderFault } from './artifacts.errors';
import { readPatchHeader, type PatchHeader } from './patch-header';
import { readInside } from './safe-folder';
import { MAX_TEMPLATE_BYTES } from './template-engine';
import { orTell, renderText, rethrow, type TemplateVariables } from './templates';

export const MAX_PATCH_BYTES = 64 * 1024 * 1024;

/** Patches of every version. */
export const GENERIC = 'generic';

/** A file of patches, as the definition has it. */
export interface PatchFile {
  /** `generic`, or the version it is for. */
  place: string;
  name: string;
  /** In the definition: `patches/<place>/<name>`. */
  path: string;
  content: Buffer;
  header: PatchHeader;
}

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
  /** `undefined`: any, so that nothing is left out for it. */
  distribution: string | undefined;
  /** Of patches that are templates. */
  variables: TemplateVariables;
}

/**
 * The patches for one target, in the order they are applied: `patches/generic/*`, then `patches/<version>/*`,
 * each by name in byte order. Hidden files are not patches; a header may restrict a patch to some
 * distributions or formats, and make it a template.
 *
 * @param log told of patches that are left out
 * @param onFault told what is wrong with a patch, which is then left out; by default the first fault is thrown
 * @throws FatbuildrError `ARTIFACT.REFUSED_FILE`, `ARTIFACT.BAD_VERSION`, `ARTIFACT.TEMPLATE`
 */
export async function collectPatches(
  folder: string,
  target: PatchTarget,
  log: (message: string) => void = () => undefined,
  onFault: (fault: FatbuildrError) => void = rethrow,
): Promise<Patch[]> {
  const patches = new Map<string, Buffer>();
  for (const file of await readPatches(folder, target.version, onFault)) {
    const { place, name, path } = file;
    const other = restriction(file.header, target);
    if (other !== undefined) {
      log(`${path} is left out: it is for ${other}`);
      continue;
    }
    const isTaken = patches.has(name);
    await orTell(onFault, async () =>
      patches.set(
        isTaken ? `${place}-${name}` : name,
        await renderPatch(folder, file, target.variables),
      ),
    );
  }
  const others = await otherVersions(folder, target.version);
  if (others.length > 0) {
    log(`No patch is for version ${target.version}, there are some for: ${others.join(', ')}`);
  }
  return [...patches].map(([name, content]) => ({ name, content }));
}

/**
 * The patches for a version, whatever their headers restrict them to, in the order they are applied.
 *
 * @throws FatbuildrError `ARTIFACT.REFUSED_FILE`, `ARTIFACT.BAD_VERSION`
 */
export async function readPatches(
  folder: string,
  version: string,
  onFault: (fault: FatbuildrError) => void = rethrow,
): Promise<PatchFile[]> {
  const files: PatchFile[] = [];
  for (const place of [GENERIC, checkMainVersion(version)]) {
    for (const name of await listPatches(folder, `patches/${place}`)) {
      const path = `patches/${place}/${name}`;
      await orTell(onFault, async () => {
        const content = await readInside(folder, path, MAX_PATCH_BYTES);
        if (content === undefined) throw folderFault(folder, path, 'the symlink leads nowhere');
        files.push({ place, name, path, content, header: readPatchHeader(folder, path, content) });
      });
    }
  }
  return files;
}

/** Versions that have patches of their own, when this one has none. */
export async function otherVersions(folder: string, version: string): Promise<string[]> {
  if ((await listPatches(folder, `patches/${version}`)).length > 0) return [];
  const places = (await readdir(join(folder, 'patches')).catch(() => [])).sort();
  const filled: string[] = [];
  for (const place of places.filter((name) => name !== GENERIC && !name.startsWith('.'))) {
    if ((await listPatches(folder, `patches/${place}`)).length > 0) filled.push(place);
  }
  return filled;
}

export async function listPatches(folder: string, place: string): Promise<string[]> {
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
    distribution !== undefined && distributions?.includes(distribution) === false
      ? distributions
      : formats?.includes(format) === false
        ? formats
        : undefined;
  return other?.join(', ');
}

/**
 * What is applied of a patch: what its template gives, else the patch itself.
 *
 * @throws FatbuildrError `ARTIFACT.TEMPLATE`, `ARTIFACT.REFUSED_FILE` for a template that is too large
 */
export async function renderPatch(
  folder: string,
  { path, content, header }: Pick<PatchFile, 'path' | 'content' | 'header'>,
  variables: TemplateVariables,
): Promise<Buffer> {
  if (!header.isTemplate) return content;
  if (content.length > MAX_TEMPLATE_BYTES) {
    throw folderFault(folder, path, 'is too large for a template');
  }
  return Buffer.from(await renderText(content.toString('utf8'), variables, { name: path }));
}
