import { lstat, mkdir, readdir, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { packTree, supplementFolder, treePatches } from '@fatbuildr/artifacts';
import type { Configuration } from '@fatbuildr/config';
import { FatbuildrError } from '@fatbuildr/errors';
import { removeTree } from '@fatbuildr/processes';
import type { TaskContext } from '@fatbuildr/tasks';
import type { BuildPatch, BuildSource } from '../format-builder.port';
import { badPrescriptResult } from './prescript.errors';

/** Names of the patches, in the order of application: the first removes what others replace. */
const PATCHES = ['fatbuildr-prescript-removals.patch', 'fatbuildr-prescript.patch'] as const;
const HEADER = 'Description: What the prescript of the definition did\nForwarded: not-needed\n\n';

/** Bytes; a patch is held in memory. */
const MAX_PATCH = 256 * 1024 * 1024;
const PACK_IT = '; rule PRESCRIPT_TARBALLS makes a tarball of its folder instead';

export interface PrescriptTrees {
  context: TaskContext;
  limits: Configuration['sources'];
  /** The patched sources before the prescript. */
  before: string;
  /** And after it; nothing runs there any more. */
  after: string;
  /** Top-level folders that are not part of the sources. */
  drop: readonly string[];
}

/**
 * What a prescript did, as patches for the end of the queue.
 *
 * @param only the paths that count; by default all
 * @throws FatbuildrError `BUILDS.PRESCRIPT_RESULT`
 */
export async function prescriptPatches(
  { context, limits, before, after, drop }: PrescriptTrees,
  only: (path: string) => boolean = () => true,
): Promise<BuildPatch[]> {
  const select = (path: string) => isSource(path) && !drop.includes(path) && only(path);
  const log = (message: string) => context.journal.log('warning', message);
  const { maxUnpacked: maxSize, maxEntries } = limits;
  const options = { select, log, maxSize: Math.min(maxSize, MAX_PATCH), maxEntries };
  const contents = await blamed(() => treePatches(before, after, options), PACK_IT);
  const names = PATCHES.slice(PATCHES.length - contents.length);
  return contents.map((content, index) => ({
    name: names[index]!,
    content: Buffer.concat([Buffer.from(HEADER), content]),
  }));
}

/**
 * Makes supplementary sources of folders that a prescript left, and symlinks in their places.
 *
 * @param folders paths in the tree
 * @param into folder for the archives
 * @throws FatbuildrError `BUILDS.PRESCRIPT_RESULT`
 */
export async function prescriptTarballs(
  { context, limits, after }: PrescriptTrees,
  folders: readonly string[],
  into: string,
): Promise<BuildSource[]> {
  await mkdir(into, { recursive: true });
  const date = new Date().toISOString().slice(0, 10).replaceAll('-', '');
  const version = `${date}-${context.task.id.slice(0, 8)}`;
  const sources: BuildSource[] = [];
  for (const path of folders) {
    const folder = join(after, path);
    await requireFolder(after, path);
    const archive = join(into, `${path.replaceAll('/', '-')}-${version}.tar.xz`);
    const place = supplementFolder(archive);
    const { maxUnpacked: maxSize, maxEntries } = limits;
    const packed = { prefix: place, select: isSource, maxSize, maxEntries, signal: context.signal };
    await blamed(() => packTree(folder, archive, packed));
    await removeTree(folder);
    await symlink(join(relative(dirname(path), '.'), place), folder);
    context.journal.log('info', `${path} becomes the supplementary source ${place}`);
    sources.push({ id: path, version, archive, folder: place });
  }
  return sources;
}

/** @throws FatbuildrError `BUILDS.PRESCRIPT_RESULT` when there is nothing left of a tree */
export async function requireTree(after: string): Promise<void> {
  if ((await readdir(after)).length === 0) throw badPrescriptResult('nothing of the source tree');
}

/** What a version control system keeps for itself is different each time. */
const isSource = (path: string) => !/(?:^|\/)\.git$/.test(path);

/** No part of the path may be a link. */
async function requireFolder(tree: string, path: string): Promise<void> {
  const parts = path.split('/');
  for (const depth of parts.keys()) {
    const found = await lstat(join(tree, ...parts.slice(0, depth + 1))).catch(() => undefined);
    if (found?.isDirectory()) continue;
    const what = found === undefined ? 'no folder' : 'something else than a folder as';
    throw badPrescriptResult(
      `${what} "${path}" in the source tree, of which rule PRESCRIPT_TARBALLS makes a tarball`,
      { path },
    );
  }
}

/**
 * What is wrong with a tree is the prescript's doing, and its path on this host of no interest.
 *
 * @param hint what to do
 */
async function blamed<T>(work: () => Promise<T>, hint = ''): Promise<T> {
  try {
    return await work();
  } catch (fault) {
    if (fault instanceof FatbuildrError && fault.code === 'ARTIFACT.REFUSED_FILE') {
      const { path, reason } = fault.details as { path: string; reason: string };
      throw badPrescriptResult(`${JSON.stringify(path)}: ${reason}${hint}`, { path, reason });
    }
    if ((fault as NodeJS.ErrnoException).code !== 'ENAMETOOLONG') throw fault;
    throw badPrescriptResult('folders nested so deep that their paths are too long');
  }
}
