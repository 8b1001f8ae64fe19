import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  formatPatchHeader,
  readPatchHeader,
  renderPatch,
  splitPatch,
  type PatchFile,
} from '@fatbuildr/artifacts';
import type { Commit } from './commits';
import { renderedChange, unfinished } from './patch-queue.errors';
import type { PatchQueue } from './patch-queue';

/** The patch that a commit was before, and its commit then, if it applied. */
export interface Former {
  file: PatchFile;
  commit: Commit | undefined;
}

/**
 * A commit as a patch.
 *
 * @param path it will have in the definition
 * @throws FatbuildrError `PATCHES.TEMPLATE`, `PATCHES.UNFINISHED`, `ARTIFACT.TEMPLATE`, `ARTIFACT.REFUSED_FILE` for
 *   fields that say nothing we know
 */
export async function patchContent(
  queue: PatchQueue,
  commit: Commit,
  path: string,
  former: Former | undefined,
): Promise<Buffer> {
  const { description, author, date, diff } = commit;
  if (diff.length === 0) {
    throw unfinished(`commit "${description.title}" changes nothing`, 'drop it');
  }
  // Where a patch lies says whether it is generic.
  const fields = description.fields.filter(([name]) => !/^Generic$/i.test(name));
  const header = formatPatchHeader({ ...description, fields }, author, date);
  const withHeader = (text: Buffer) => Buffer.concat([Buffer.from(`${header}\n`), text]);
  const plain = withHeader(diff);
  const read = readPatchHeader(queue.state.definition, path, plain);
  if (!read.isTemplate) return plain;

  const source = former?.file.header.isTemplate
    ? withHeader(await templateOf(queue, commit, former))
    : plain;
  const rendered = await renderPatch(
    queue.state.definition,
    { path, content: source, header: read },
    queue.state.variables,
  );
  const isKept = former?.commit?.diff.equals(diff);
  if (former?.file.header.isTemplate && !isKept && !splitPatch(rendered).diff.equals(diff)) {
    throw renderedChange(former.file.path, description.title);
  }
  return source;
}

/** The template with the changes that were made to what it rendered. */
async function templateOf(
  { git, state }: PatchQueue,
  { diff, description }: Commit,
  { file, commit }: Former,
): Promise<Buffer> {
  const template = splitPatch(file.content).diff;
  if (commit?.diff.equals(diff)) return template;
  const rendered = await renderPatch(state.definition, file, state.variables);
  const versions = { template, rendered: splitPatch(rendered).diff, changed: diff };
  const paths: string[] = [];
  for (const [name, content] of Object.entries(versions)) {
    const path = join(git.repository, `merge-${name}`);
    await writeFile(path, content);
    paths.push(path);
  }
  // The status is the number of conflicts.
  const accept = Array.from({ length: 128 }, (_, status) => status);
  const merged = await git.run(['merge-file', '-p', '--quiet', ...paths], { accept });
  if (merged.status !== 0) throw renderedChange(file.path, description.title);
  return merged.stdout;
}
