import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { run } from '@fatbuildr/processes';
import { FatbuildrError } from '@fatbuildr/errors';
import { checkMainVersion } from './artifact-version';
import { localSourceFault } from './artifacts.errors';
import type { ArtifactDefinition } from './definition';
import { packTree } from './pack-tree';
import { walk, type TreeEntry } from './safe-folder';

/** A source that is taken from a folder of the user instead of its URL. */
export interface LocalSource {
  id: string;
  version: string;
  /** As given, absolute or relative. */
  folder: string;
}

/**
 * Reads options as `parseLocalSource` does, each for another source.
 *
 * @throws FatbuildrError as `parseLocalSource`
 */
export function parseLocalSources(
  options: readonly string[],
  definition: ArtifactDefinition,
  derivative: string,
): LocalSource[] {
  const sources = new Map<string, LocalSource>();
  for (const option of options) {
    const source = parseLocalSource(option, definition, derivative);
    if (sources.has(source.id)) {
      throw localSourceFault(
        option,
        `source ${source.id} is given twice, write SOURCE_ID#DIR for another one`,
      );
    }
    sources.set(source.id, source);
  }
  return [...sources.values()];
}

/**
 * Reads the option `[SOURCE_ID#][VERSION@]DIR`. An absent id is the main source, an absent version the
 * declared one. What stands before `#` or `@` belongs to the folder when it holds a `/`.
 *
 * @throws FatbuildrError `SOURCE.BAD_LOCAL`, `ARTIFACT.UNKNOWN_SOURCE`, `ARTIFACT.UNKNOWN_DERIVATIVE`
 */
export function parseLocalSource(
  option: string,
  definition: ArtifactDefinition,
  derivative: string,
): LocalSource {
  const [id, afterId] = prefix(option, '#');
  const [version, folder] = prefix(afterId, '@');
  if (folder === '') throw localSourceFault(option, 'expected [SOURCE_ID#][VERSION@]DIR');
  if (version !== undefined) {
    try {
      checkMainVersion(version);
    } catch (fault) {
      const hint = 'write ./DIR for a folder whose name holds "@"';
      throw localSourceFault(option, `${(fault as Error).message}; ${hint}`);
    }
  }
  // Names what exists when the id or the derivative is not declared.
  const declared = definition.version(derivative, id);
  return { id: id ?? definition.sourceIds[0]!, version: version ?? declared, folder };
}

function prefix(text: string, mark: '#' | '@'): [string | undefined, string] {
  const at = text.indexOf(mark);
  if (at <= 0 || text.slice(0, at).includes('/')) return [undefined, text];
  return [text.slice(0, at), text.slice(at + 1)];
}

export interface PackLocalSourceOptions {
  /** Folder that receives the archive. */
  into: string;
  /** Top-level folders that are left out. */
  exclude?: readonly string[];
  /** In a Git work tree, take files that Git does not track as well. */
  includeUntracked?: boolean;
  /** Of the compression. */
  level?: number;
  signal?: AbortSignal;
}

/**
 * Packs a local source to `<id>_<version>.tar.xz` with the top-level folder `<id>-<version>/`. Left out:
 * `.git*` at any depth, the excluded top-level folders and, in a Git work tree, untracked files.
 *
 * @returns absolute path of the archive
 * @throws FatbuildrError `SOURCE.BAD_LOCAL`, `ARTIFACT.REFUSED_FILE`, `ARTIFACT.ABORTED`
 */
export async function packLocalSource(
  { id, version, folder }: LocalSource,
  { into, exclude = [], includeUntracked = false, level, signal }: PackLocalSourceOptions,
): Promise<string> {
  const root = resolve(folder);
  const stats = await stat(root).catch(() => undefined);
  if (!stats?.isDirectory()) throw localSourceFault(folder, 'there is no such folder');
  const tracked = includeUntracked ? undefined : await trackedPaths(root, signal);
  const select = (path: string, kind: TreeEntry['kind']) =>
    !/(^|\/)\.git[^/]*$/.test(path) &&
    !(kind === 'directory' && exclude.includes(path)) &&
    (tracked === undefined || tracked.has(path));
  if (!(await holdsFile(root, select))) {
    const hint = tracked === undefined ? '' : ' that Git tracks; untracked files can be included';
    throw localSourceFault(folder, `there is no file to pack${hint}`);
  }
  const archive = resolve(join(into, `${id}_${version}.tar.xz`));
  await packTree(root, archive, { prefix: `${id}-${version}`, select, level, signal });
  return archive;
}

async function holdsFile(
  root: string,
  select: (path: string, kind: TreeEntry['kind']) => boolean,
): Promise<boolean> {
  for await (const { kind } of walk(root, select)) if (kind !== 'directory') return true;
  return false;
}

/** Tracked files and the folders they are in; `undefined` outside a Git work tree. */
async function trackedPaths(
  root: string,
  signal: AbortSignal | undefined,
): Promise<ReadonlySet<string> | undefined> {
  const git = async (...args: string[]) => {
    // The folder may be another user's, and its configuration must not start programs.
    const settings = ['-c', 'safe.directory=*', '-c', 'core.fsmonitor=false'];
    return await run(['git', ...settings, '-C', root, ...args], { signal, accept: [0, 128] });
  };
  const inside = await git('rev-parse', '--is-inside-work-tree').catch((fault: unknown) => {
    if (fault instanceof FatbuildrError && fault.code === 'PROCESS.MISSING') return undefined;
    throw fault;
  });
  if (inside?.stdout.toString().trim() !== 'true') return undefined;
  const { stdout } = await git('ls-files', '-z', '--cached', '--recurse-submodules');
  const paths = new Set<string>();
  for (const path of stdout.toString('utf8').split('\0')) {
    const parts = path.split('/');
    for (let depth = 1; path !== '' && depth <= parts.length; depth++) {
      paths.add(parts.slice(0, depth).join('/'));
    }
  }
  return paths;
}
