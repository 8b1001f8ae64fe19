import { mkdir, symlink } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { FetchOptions } from '@fatbuildr/artifacts';
import { LEFT_OUT, type LocalDefinition } from '../submission/local-definition';

export interface UpstreamTreeRequest extends LocalDefinition {
  derivative: string;
  includeUntracked: boolean;
  /** Folder of what is fetched. */
  cache: string;
  /** Folder that gets the tree. */
  parent: string;
  /** Of the tree. */
  name: string;
}

/** Those a daemon has unless its configuration says otherwise. */
export const FETCH_LIMITS = { timeout: 10 * 60_000, maxSize: 4e9 };
const UNPACK_LIMITS = { maxUnpacked: 20e9, maxEntries: 500_000 };

/** Where sources are kept that were fetched for this user. */
export function sourceCacheFolder(env: Readonly<NodeJS.ProcessEnv>): string {
  return join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache'), 'fatbuildr');
}

/**
 * The tree that patches are for, as a build has it: all sources, with the links to supplementary ones.
 *
 * @returns its absolute path
 */
export async function makeUpstreamTree(
  request: UpstreamTreeRequest,
  { signal, log }: Required<Pick<FetchOptions, 'signal' | 'log'>>,
): Promise<string> {
  const { definition, derivative, includeUntracked, parent, name } = request;
  const artifacts = await import('@fatbuildr/artifacts');
  const given = new Map<string, { id: string; archive: string }>();
  const into = join(parent, 'local');
  await mkdir(into);
  for (const source of request.sources) {
    // It is unpacked again at once.
    const options = { into, exclude: LEFT_OUT, includeUntracked, level: 0, signal };
    const archive = await artifacts.packLocalSource(source, options);
    given.set(source.id, { id: source.id, archive });
  }
  const cache = new artifacts.SourceCache(request.cache, FETCH_LIMITS);
  const fetched: { id: string; archive: string }[] = [];
  for (const source of await artifacts.chosenSources(definition, derivative, given)) {
    if ('archive' in source) fetched.push(source);
    else {
      const archive = await cache.fetch({ artifact: definition.name, source }, { signal, log });
      fetched.push({ id: source.id, archive });
    }
  }
  const sources = artifacts.placeSupplements(fetched);
  const tree = await artifacts.assembleSourceTree({
    ...{ sources, parent, name, drop: LEFT_OUT },
    ...{ limits: UNPACK_LIMITS, signal },
  });
  for (const { id, folder } of sources) {
    if (folder !== undefined && folder !== id) await symlink(folder, join(tree, id));
  }
  return tree;
}
