import { createHash } from 'node:crypto';
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
} from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { syncFolder } from '@fatbuildr/registries';
import { parseRepomd, type RepomdEntries } from './repomd';

/** In a distribution's folder: the generations of all its repodata. */
const GENERATIONS = '.repodata';
/** A link to the generation being served. */
const CURRENT = 'current';

/** One repository of a distribution. */
export interface RepositoryPlace {
  derivative: string;
  /** Folder of an architecture, or of the sources. */
  folder: string;
}

/** A repository as clients are served it. */
export interface ServedMetadata {
  /** Absolute path of its folder of metadata. */
  folder: string;
  entries: RepomdEntries;
}

/** All repositories of a distribution as clients are served them. */
export interface ServedGeneration {
  /** Recognises the generation: a digest of all that is signed, and of the signatures. */
  stamp: string;
  /** Seconds since the epoch. */
  revision: number;
  /** By `<derivative>/<folder>`, sorted. */
  repositories: ReadonlyMap<string, ServedMetadata>;
}

export function repositoryPath({ derivative, folder }: RepositoryPlace): string {
  return `${derivative}/${folder}`;
}

/**
 * The metadata of all repositories of a distribution, made beside those being served and put in their place
 * by one rename: `repodata` of each repository is a link that leads through `current`.
 */
export class Generations {
  private readonly home: string;

  /** @param distribution absolute path of its folder */
  constructor(private readonly distribution: string) {
    this.home = join(distribution, GENERATIONS);
  }

  /** What is served; `undefined` when there is nothing, or nothing that can be read. */
  async served(): Promise<ServedGeneration | undefined> {
    try {
      return await readGeneration(join(this.home, await readlink(this.current)));
    } catch {
      // Missing or damaged: the caller writes a new one.
      return undefined;
    }
  }

  /** The name of the generation being served. */
  async currentName(): Promise<string | undefined> {
    return linkTarget(this.current);
  }

  /** @returns the absolute path of an empty folder; what a killed process left behind is removed */
  async create(): Promise<string> {
    await mkdir(this.home, { recursive: true, mode: 0o755 });
    await this.prune();
    const folder = await mkdtemp(join(this.home, 'generation-'));
    await chmod(folder, 0o755);
    return folder;
  }

  /** Serves another generation; `undefined`: none any more. */
  async serve(name: string | undefined): Promise<void> {
    if (name === undefined) {
      await rm(this.current, { force: true });
    } else {
      await replaceLink(this.current, name);
    }
    await syncFolder(this.home);
  }

  /** Removes all but what is served. */
  async prune(): Promise<void> {
    const kept = [CURRENT, await this.currentName()];
    for (const name of await readdir(this.home)) {
      if (!kept.includes(name)) await rm(join(this.home, name), { recursive: true, force: true });
    }
  }

  /** Whether the folder of a repository shows clients the generation being served. */
  async isLinked(place: RepositoryPlace): Promise<boolean> {
    return (await linkTarget(this.link(place))) === this.target(place);
  }

  /** @returns the path of the link, relative to the distribution, when it was not there before */
  async ensureLink(place: RepositoryPlace): Promise<string | undefined> {
    if (await this.isLinked(place)) return undefined;
    await ensureLink(this.link(place), this.target(place));
    return join(repositoryPath(place), 'repodata');
  }

  private get current(): string {
    return join(this.home, CURRENT);
  }

  private link(place: RepositoryPlace): string {
    return join(this.distribution, repositoryPath(place), 'repodata');
  }

  private target(place: RepositoryPlace): string {
    return join('..', '..', GENERATIONS, CURRENT, repositoryPath(place));
  }
}

/** @throws Error when it is not one of ours */
export async function readGeneration(folder: string): Promise<ServedGeneration> {
  const stamp = createHash('sha256');
  const repositories = new Map<string, ServedMetadata>();
  let revision = 0;
  for (const derivative of (await readdir(folder)).sort()) {
    for (const repository of (await readdir(join(folder, derivative))).sort()) {
      const path = repositoryPath({ derivative, folder: repository });
      const text = await readFile(join(folder, path, 'repomd.xml'), 'utf8');
      const signature = await readFile(join(folder, path, 'repomd.xml.asc'), 'utf8');
      stamp.update(JSON.stringify([path, text, signature]));
      const repomd = parseRepomd(text);
      revision = Math.max(revision, repomd.revision);
      repositories.set(path, { folder: join(folder, path), entries: repomd.entries });
    }
  }
  return { stamp: stamp.digest('hex'), revision, repositories };
}

/** Makes a link where there may be another one, or by hand a folder. */
export async function ensureLink(path: string, target: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  const isFolder = await lstat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (isFolder) await rm(path, { recursive: true });
  await replaceLink(path, target);
  await syncFolder(dirname(path));
}

/** `undefined` where there is no link. */
export async function linkTarget(path: string): Promise<string | undefined> {
  return readlink(path).catch(() => undefined);
}

async function replaceLink(path: string, target: string): Promise<void> {
  const next = join(dirname(path), `.${basename(path)}.next`);
  await rm(next, { force: true });
  await symlink(target, next);
  await rename(next, path);
}
