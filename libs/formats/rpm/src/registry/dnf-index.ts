import { link, mkdir, readdir, rm, stat, utimes } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  allDone,
  ChunkMaps,
  ensureLink,
  linkTarget,
  removeFiles,
  StagedFiles,
  syncFolder,
  writeDurably,
  type ChunkMap,
  type RegistrySigner,
  type StagedIndex,
  type StageRequest,
} from '@fatbuildr/registries';
import {
  Generations,
  readGeneration,
  repositoryPath,
  type RepositoryPlace,
  type ServedGeneration,
  type ServedMetadata,
} from './generations';
import { INDEX_KINDS } from './package-xml';
import { formatRepomd, type RepomdEntries } from './repomd';
import { repositoryChunk, writeRepository, type RepositoryChunk } from './repository-writer';
import { architectureFolder, NOARCH, NOARCH_LINK, SOURCE } from './rpm-record';

/** Where `NOARCH_LINK` leads to. */
const NOARCH_TARGET = `../../${NOARCH}/Packages`;

interface Repository extends RepositoryPlace {
  /** Normalized, of the packages it lists. */
  architectures: readonly string[];
}

export interface DnfIndexSettings {
  /** The registry's folder. */
  root: string;
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
 * Writes and signs the next state of a distribution's repositories beside the one being served. One rename
 * puts all of them in place; index files of earlier generations stay for clients that are reading them.
 */
export async function stageDnfIndex(
  request: StageRequest,
  settings: DnfIndexSettings,
): Promise<StagedIndex> {
  const { distribution } = request;
  const folder = join(settings.root, distribution);
  const generations = new Generations(folder);
  const served = await generations.served();
  const before = await generations.currentName();
  const usable = served?.stamp === request.published?.stamp ? served : undefined;
  // Seconds, and each change in one of its own: clients compare revisions, and times of files over HTTP.
  const last = Math.max(toSeconds(request.published?.date ?? 0), served?.revision ?? 0);
  const revision = Math.max(toSeconds(Date.now()), last + 1);
  const staged = new StagedFiles();
  const linked: string[] = [];
  const next = await generations.create();
  const writer = new GenerationWriter(request, settings, next, usable, revision);
  const revert = async () => {
    if ((await generations.currentName()) === basename(next)) await generations.serve(before);
    await staged.revert();
    await rm(next, { recursive: true, force: true });
    await removeFiles(folder, linked);
  };
  try {
    const repositories = repositoriesOf(request);
    for (const repository of repositories) {
      await writer.write(repository);
      const path = await generations.ensureLink(repository);
      if (path !== undefined) linked.push(path);
      if (!isOfBinaries(repository)) continue;
      const noarch = join(repositoryPath(repository), NOARCH_LINK);
      if ((await linkTarget(join(folder, noarch))) === NOARCH_TARGET) continue;
      await ensureLink(join(folder, noarch), NOARCH_TARGET);
      linked.push(noarch);
    }
    for (const name of await readdir(next)) await syncFolder(join(next, name));
    await syncFolder(next);
    await staged.writeAll(
      settings.companions.map(([path, text]) => [join(settings.root, path), text] as const),
    );
    const { stamp } = await readGeneration(next);
    return {
      stamp,
      date: revision * 1000,
      switch: async () => {
        await staged.switch();
        await generations.serve(basename(next));
      },
      revert,
      settle: async () => {
        await staged.settle();
        await writer.settle();
        await generations.prune();
        const paths = new Set(repositories.map(repositoryPath));
        const gone = [...(served?.repositories.keys() ?? [])].filter((path) => !paths.has(path));
        await removeFiles(
          folder,
          gone.flatMap((path) => [`${path}/repodata`, `${path}/${NOARCH_LINK}`]),
        );
      },
    };
  } catch (fault) {
    await revert();
    throw fault;
  }
}

/** Whether clients are served the generation with this stamp, and it still fits the instance. */
export async function isDnfIndexCurrent(
  root: string,
  request: Pick<StageRequest, 'distribution' | 'derivatives' | 'architectures'> & { stamp: string },
): Promise<boolean> {
  const folder = join(root, request.distribution);
  const generations = new Generations(folder);
  const served = await generations.served();
  if (served === undefined || served.stamp !== request.stamp) return false;
  const repositories = repositoriesOf(request);
  if (repositories.length !== served.repositories.size) return false;
  for (const repository of repositories) {
    const path = repositoryPath(repository);
    if (!served.repositories.has(path) || !(await generations.isLinked(repository))) return false;
    const noarch = join(folder, path, NOARCH_LINK);
    if (isOfBinaries(repository) && (await linkTarget(noarch)) !== NOARCH_TARGET) return false;
  }
  return true;
}

/** Writes the metadata of one repository after the other into the folder of a generation. */
class GenerationWriter {
  private readonly maps: ChunkMaps<RepositoryChunk>;
  private readonly written: { path: string; map: ChunkMap<RepositoryChunk> }[] = [];

  constructor(
    private readonly request: StageRequest,
    private readonly settings: DnfIndexSettings,
    private readonly generation: string,
    private readonly served: ServedGeneration | undefined,
    private readonly revision: number,
  ) {
    this.maps = new ChunkMaps(settings.cache, repositoryChunk);
  }

  async write(repository: Repository): Promise<void> {
    const path = repositoryPath(repository);
    const folder = join(this.generation, path);
    await mkdir(folder, { recursive: true, mode: 0o755 });
    const before = this.served?.repositories.get(path);
    const names = this.changedNames(repository);
    if (before !== undefined) await linkAll(before.folder, folder);
    if (before === undefined || names?.size !== 0) {
      const entries = await this.writeIndices(repository, folder, before, names);
      await this.sign(folder, entries);
      await pruneIndices(folder, entries, this.settings.retain);
    } else if (this.request.changed?.length === 0) {
      // Nothing changed anywhere: signing again is what this is about.
      await this.sign(folder, before.entries);
    }
    await syncFolder(folder);
  }

  /** Notes what the next change can take of this generation, once it is being served. */
  async settle(): Promise<void> {
    for (const { path, map } of this.written) await this.maps.keep(path, map);
  }

  private async writeIndices(
    { derivative, architectures, folder: architecture }: Repository,
    folder: string,
    before: ServedMetadata | undefined,
    names: ReadonlySet<string> | undefined,
  ): Promise<RepomdEntries> {
    const path = repositoryPath({ derivative, folder: architecture });
    const chunks = before && names && (await this.maps.find(path, before.entries.primary.sha256));
    const { entries, map } = await writeRepository({
      folder,
      fragments: (range) => this.request.fragments(derivative, architectures, range),
      length: this.settings.chunkLength,
      timestamp: this.revision,
      since: before && names && chunks ? { ...before, chunks, names } : undefined,
    });
    this.written.push({ path, map });
    return entries;
  }

  private async sign(folder: string, entries: RepomdEntries): Promise<void> {
    const { signer } = this.settings;
    const repomd = Buffer.from(formatRepomd(this.revision, entries));
    const signature = await signer.detachSign(this.request.instance, repomd, { armored: true });
    for (const [name, content] of [
      ['repomd.xml', repomd],
      ['repomd.xml.asc', signature],
    ] as const) {
      const target = join(folder, name);
      // What is there is another name of the file being served.
      await rm(target, { force: true });
      await writeDurably(target, content);
      await utimes(target, this.revision, this.revision);
    }
  }

  /** Names of the packages in a repository that differ from what is served; `undefined`: all may. */
  private changedNames({ derivative, architectures }: Repository): Set<string> | undefined {
    const touched = this.request.changed?.filter(
      (part) => part.derivative === derivative && architectures.includes(part.architecture),
    );
    return touched && new Set(touched.map(({ name }) => name));
  }
}

function repositoriesOf({
  derivatives,
  architectures,
}: Pick<StageRequest, 'derivatives' | 'architectures'>): Repository[] {
  return derivatives.flatMap((derivative) => [
    ...architectures.map((architecture) => ({
      derivative,
      folder: architectureFolder(architecture),
      // Packages for every machine are listed for each.
      architectures: [architecture, NOARCH],
    })),
    { derivative, folder: architectureFolder(SOURCE), architectures: [SOURCE] },
  ]);
}

function isOfBinaries({ architectures }: Repository): boolean {
  return architectures.includes(NOARCH);
}

function toSeconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}

/** Every file of a folder also gets its name in another. */
async function linkAll(from: string, to: string): Promise<void> {
  const names = await readdir(from);
  await allDone(names.map((name) => link(join(from, name), join(to, name))));
}

/** Removes index files beyond those to retain of each kind, the oldest first; never what is listed. */
async function pruneIndices(folder: string, entries: RepomdEntries, retain: number): Promise<void> {
  const names = await readdir(folder);
  for (const kind of INDEX_KINDS) {
    const files: { path: string; isListed: boolean; time: number }[] = [];
    for (const name of names.filter((one) => one.endsWith(`-${kind}.xml.gz`))) {
      const path = join(folder, name);
      const { mtimeMs: time } = await stat(path);
      files.push({ path, isListed: name.startsWith(entries[kind].sha256), time });
    }
    files.sort((a, b) => Number(b.isListed) - Number(a.isListed) || b.time - a.time);
    for (const { path } of files.slice(Math.max(retain, 1))) await rm(path);
  }
}
