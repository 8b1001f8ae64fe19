import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  ChunkMaps,
  StagedFiles,
  type ReadFragments,
  type RegistrySigner,
  type StagedIndex,
  type StageRequest,
} from '@fatbuildr/registries';
import { debianArchitecture } from './architectures';
import { aptChunk } from './apt-chunks';
import { byHashPath, listedVariants, pruneByHash } from './index-files';
import { writeIndex, type WrittenIndex } from './index-writer';
import { formatRelease, oneLine, parseRelease, type IndexEntry, type Release } from './release';

/** One index file of a distribution, before compression. */
interface IndexFile {
  /** Relative to the distribution's folder. */
  path: string;
  component: string;
  /** Normalized, of the packages it lists. */
  architectures: readonly string[];
}

export interface AptIndexSettings {
  /** The registry's folder. */
  root: string;
  /** Milliseconds from Date to Valid-Until. */
  validity: number | undefined;
  /** Generations of index files. */
  retain: number;
  signer: RegistrySigner;
  /** For what can be made again from the rows and the files: a folder of this distribution's own. */
  cache: string;
  /** Packages in a chunk of an index, on average. */
  chunkLength: number;
  /** Client files that change along: path relative to the registry's folder, and content. */
  companions: readonly (readonly [path: string, content: string])[];
}

/**
 * Writes and signs the next state of a distribution beside the one being served. The order of the switch is
 * what makes it safe to die at any line: index files under their digests are there already and old ones
 * stay, so an old InRelease keeps naming files that exist; InRelease, which clients start from, comes last.
 */
export async function stageAptIndex(
  request: StageRequest,
  settings: AptIndexSettings,
): Promise<StagedIndex> {
  const { instance, distribution } = request;
  const folder = distributionFolder(settings.root, distribution);
  const served = await readRelease(folder);
  const reusable = served?.stamp === request.published?.stamp ? served?.release : undefined;
  // apt keeps an index whose successor is dated earlier: a clock set back must not show.
  const now = Math.floor(Date.now() / 1000) * 1000;
  const date = Math.max(now, request.published?.date ?? 0, served?.release.date || 0);
  const generation = new Date();
  const staged = new StagedFiles();
  const created: string[] = [];
  const written = new Map<string, WrittenIndex>();
  const entries: IndexEntry[] = [];
  const maps = new ChunkMaps(settings.cache, aptChunk);
  const listed = new Map(reusable?.entries.map((entry) => [entry.path, entry]));
  const revert = async () => {
    await staged.revert();
    for (const path of created) await rm(path, { force: true });
  };
  try {
    for (const file of indexFiles(request)) {
      const { path: index, component, architectures } = file;
      const before = listedVariants(index, listed);
      const names = changedNames(file, request);
      if (before !== undefined && names?.size === 0) {
        entries.push(before.plain, before.gz, before.xz);
        continue;
      }
      const fragments: ReadFragments = (range) =>
        request.fragments(component, architectures, range);
      const since = before && names && { entries: before, names };
      const change = { folder, index, generation, fragments, since };
      const packed = await writeIndex(change, maps, settings.chunkLength);
      created.push(...packed.created);
      for (const entry of packed.entries) {
        entries.push(entry);
        await staged.link(join(folder, entry.path), join(folder, byHashPath(entry)));
      }
      written.set(index, packed);
    }
    const release = formatRelease({
      origin: instance.name,
      distribution,
      date,
      validUntil: settings.validity === undefined ? undefined : now + settings.validity,
      architectures: request.architectures.map(debianArchitecture),
      components: request.derivatives,
      entries,
    });
    const clearSigned = await settings.signer.clearSign(instance, release);
    const detached = await settings.signer.detachSign(instance, Buffer.from(release), {
      armored: true,
    });
    await staged.writeAll([
      ...settings.companions.map(([path, text]) => [join(settings.root, path), text] as const),
      [join(folder, 'Release'), release],
      [join(folder, 'Release.gpg'), detached],
      [join(folder, 'InRelease'), clearSigned],
    ]);
    return {
      stamp: stampOf(clearSigned),
      date,
      switch: () => staged.switch(),
      revert,
      settle: async () => {
        await staged.settle();
        for (const [index, { map }] of written) await maps.keep(index, map);
        await pruneByHash(folder, entries, [...written.keys()], settings.retain);
      },
    };
  } catch (fault) {
    await revert();
    throw fault;
  }
}

/** Whether clients are served the index with this stamp, and it still fits the instance. */
export async function isAptIndexCurrent(
  root: string,
  request: Pick<StageRequest, 'instance' | 'distribution' | 'derivatives' | 'architectures'> & {
    stamp: string;
  },
): Promise<boolean> {
  const served = await readRelease(distributionFolder(root, request.distribution));
  if (served === undefined || served.stamp !== request.stamp) return false;
  const { origin, components, architectures } = served.release;
  return (
    origin === oneLine(request.instance.name) &&
    components.join(' ') === request.derivatives.join(' ') &&
    architectures.join(' ') === request.architectures.map(debianArchitecture).join(' ')
  );
}

export function distributionFolder(root: string, distribution: string): string {
  return join(root, 'dists', distribution);
}

/** The signed index being served; `undefined` when there is none that can be read. */
export async function readRelease(
  folder: string,
): Promise<{ stamp: string; release: Release } | undefined> {
  try {
    const text = await readFile(join(folder, 'InRelease'), 'utf8');
    return { stamp: stampOf(text), release: parseRelease(text) };
  } catch {
    // Missing or damaged: the caller writes a new one.
    return undefined;
  }
}

function stampOf(inRelease: string): string {
  return createHash('sha256').update(inRelease).digest('hex');
}

function indexFiles({ derivatives, architectures }: StageRequest): IndexFile[] {
  return derivatives.flatMap((component) => [
    ...architectures.map((architecture) => ({
      path: `${component}/binary-${debianArchitecture(architecture)}/Packages`,
      component,
      // Packages for all architectures are listed under each.
      architectures: [architecture, 'noarch'],
    })),
    { path: `${component}/source/Sources`, component, architectures: ['src'] },
  ]);
}

/** Names of the packages in this file that differ from the served index; `undefined`: all may. */
function changedNames(file: IndexFile, { changed }: StageRequest): Set<string> | undefined {
  const touched = changed?.filter(
    ({ derivative, architecture }) =>
      derivative === file.component && file.architectures.includes(architecture),
  );
  return touched && new Set(touched.map(({ name }) => name));
}
