import { lstat, mkdir, realpath, rename } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { FatbuildrError } from '@fatbuildr/errors';
import { folderFault } from './artifacts.errors';
import { isInside, readInside } from './safe-folder';
import { MAX_TEMPLATE_BYTES } from './template-engine';
import { renderText, type TemplateVariables } from './templates';

const PLAIN = 'rename';
const TEMPLATE = 'rename.j2';

/**
 * Renames files of a definition by the rules in its file `rename`, or the template `rename.j2`: a rule a line,
 * old path and new path, relative to the definition. Folders of new paths are made; empty lines and those
 * that begin with `#` say nothing.
 *
 *     deb/libfoo.install deb/libfoo{{ version.major }}.install
 *
 * @param folder changed in place
 * @throws FatbuildrError `ARTIFACT.BAD_RENAME` with file and line, `ARTIFACT.TEMPLATE`,
 *   `ARTIFACT.REFUSED_FILE` when both files are there
 */
export async function applyRenameRules(
  folder: string,
  variables: TemplateVariables,
): Promise<void> {
  const [plain, template] = [
    await readInside(folder, PLAIN, MAX_TEMPLATE_BYTES),
    await readInside(folder, TEMPLATE, MAX_TEMPLATE_BYTES),
  ];
  if (plain !== undefined && template !== undefined) {
    throw folderFault(folder, TEMPLATE, `"${PLAIN}" is there as well, keep one of them`);
  }
  const file = template === undefined ? PLAIN : TEMPLATE;
  const source = (template ?? plain)?.toString('utf8');
  if (source === undefined) return;
  const text = template ? await renderText(source, variables, { name: file }) : source;
  for (const [index, line] of text.split('\n').entries()) {
    const words = line.trim().split(/\s+/).filter(Boolean);
    if (words.length === 0 || line.trim().startsWith('#')) continue;
    try {
      await renameOne(folder, words);
    } catch (fault) {
      throw badRename(file, index + 1, fault);
    }
  }
}

async function renameOne(folder: string, words: readonly string[]): Promise<void> {
  const [from, to] = words;
  if (from === undefined || to === undefined || words.length > 2) {
    throw new Error(`expected an old and a new path, got ${words.length} words`);
  }
  const [old, wanted] = [from, to].map((path) => inFolder(folder, path)) as [string, string];
  await requireFolderInside(folder, from, dirname(old));
  if (!(await isThere(old))) throw new Error(`there is no "${from}"`);
  if (await isThere(wanted)) throw new Error(`"${to}" is there already`);
  await requireFolderInside(folder, to, dirname(wanted));
  await mkdir(dirname(wanted), { recursive: true });
  await rename(old, wanted);
}

function inFolder(folder: string, path: string): string {
  const relative = normalize(path);
  if (relative === '.' || relative.startsWith('/') || relative.split('/').includes('..')) {
    throw new Error(`"${path}" leaves the definition`);
  }
  return join(folder, relative);
}

/** No part of the path may be a symlink that leads out; parts that do not exist yet are no links. */
async function requireFolderInside(folder: string, path: string, parent: string): Promise<void> {
  const real = await realpath(parent).catch(() => undefined);
  if (real === undefined) {
    if (await isThere(parent)) throw new Error(`"${path}" leads nowhere`);
    return requireFolderInside(folder, path, dirname(parent));
  }
  if (!isInside(await realpath(folder), real)) throw new Error(`"${path}" leaves the definition`);
}

const isThere = (path: string) =>
  lstat(path).then(
    () => true,
    () => false,
  );

function badRename(file: string, line: number, cause: unknown): FatbuildrError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new FatbuildrError(
    'ARTIFACT.BAD_RENAME',
    `${file}: line ${line}: ${reason}`,
    { file, line, reason },
    { cause },
  );
}
