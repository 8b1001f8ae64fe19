import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { ensureLink, GenerationStore, linkTarget } from '@fatbuildr/registries';
import { parseRepomd, type RepomdEntries } from './repomd';

/** In a distribution's folder: the generations of all its repodata. */
const GENERATIONS = '.repodata';

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
export class Generations extends GenerationStore {
  /** @param distribution absolute path of its folder */
  constructor(private readonly distribution: string) {
    super(join(distribution, GENERATIONS));
  }

  /** What is served; `undefined` when there is nothing, or nothing that can be read. */
  served(): Promise<ServedGeneration | undefined> {
    return this.readCurrent(readGeneration);
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

  private link(place: RepositoryPlace): string {
    return join(this.distribution, repositoryPath(place), 'repodata');
  }

  private target(place: RepositoryPlace): string {
    return join('..', '..', relative(this.distribution, this.current), repositoryPath(place));
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
