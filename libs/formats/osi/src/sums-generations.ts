import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import {
  ensureLink,
  GenerationStore,
  linkTarget,
  syncFolder,
  writeDurably,
} from '@fatbuildr/registries';

/** In the folder of a derivative; systemd-sysupdate and mkosi call them so. */
export const SUMS = 'SHA256SUMS';
export const SIGNATURE = 'SHA256SUMS.gpg';

/** In a distribution's folder: the generations of the sums of all its derivatives. */
const GENERATIONS = '.sums';

export interface SummedFile {
  sha256: string;
  name: string;
}

/** What clients of a distribution are served. */
export interface ServedSums {
  /** Recognises it: a digest of all that is signed, and of the signatures. */
  stamp: string;
  /** Text by derivative. */
  derivatives: ReadonlyMap<string, string>;
}

/** One line a file, as sha256sum(1) prints it. */
export function formatSums(files: readonly SummedFile[]): string {
  return files.map(({ sha256, name }) => `${sha256}  ${name}\n`).join('');
}

/** @param sums what `formatSums` gave, in any order; @returns them in the order of the names */
export function joinSums(sums: readonly string[]): string {
  const lines = sums.flatMap((text) => text.split('\n').filter(Boolean));
  lines.sort((a, b) => (a.slice(66) < b.slice(66) ? -1 : 1));
  return lines.map((line) => `${line}\n`).join('');
}

export function parseSums(text: string): SummedFile[] {
  return [...text.matchAll(/^([0-9a-f]{64}) {2}([^\s/]+)$/gm)].map(([, sha256, name]) => ({
    sha256: sha256!,
    name: name!,
  }));
}

/**
 * Sums and signatures of all derivatives of a distribution, put in place by one rename: those in the folders
 * of the derivatives are links that lead through `current`.
 */
export class SumsGenerations extends GenerationStore {
  /** @param distribution absolute path of its folder */
  constructor(private readonly distribution: string) {
    super(join(distribution, GENERATIONS));
  }

  /** `undefined` when there is nothing, or nothing that can be read. */
  served(): Promise<ServedSums | undefined> {
    return this.readCurrent(readSums);
  }

  /** Writes what a derivative has in a generation. */
  async write(generation: string, derivative: string, text: string, signature: Buffer) {
    const folder = join(generation, derivative);
    await mkdir(folder, { mode: 0o755 });
    await writeDurably(join(folder, SUMS), text);
    await writeDurably(join(folder, SIGNATURE), signature);
    await syncFolder(folder);
  }

  /** @returns the paths of links, relative to the distribution, that were not there before */
  async ensureLinks(derivative: string): Promise<string[]> {
    const made: string[] = [];
    for (const [path, target] of this.links(derivative)) {
      if ((await linkTarget(join(this.distribution, path))) === target) continue;
      await ensureLink(join(this.distribution, path), target);
      made.push(path);
    }
    return made;
  }

  /** Whether clients of a derivative see what is served. */
  async isLinked(derivative: string): Promise<boolean> {
    const found = this.links(derivative).map(
      async ([path, target]) => (await linkTarget(join(this.distribution, path))) === target,
    );
    return (await Promise.all(found)).every(Boolean);
  }

  private links(derivative: string) {
    const through = join('..', relative(this.distribution, this.current), derivative);
    return [SUMS, SIGNATURE].map((name) => [join(derivative, name), join(through, name)] as const);
  }
}

/** @throws Error when the folder is no generation of ours */
export async function readSums(folder: string): Promise<ServedSums> {
  const stamp = createHash('sha256');
  const derivatives = new Map<string, string>();
  for (const derivative of (await readdir(folder)).sort()) {
    const text = await readFile(join(folder, derivative, SUMS), 'utf8');
    const signature = await readFile(join(folder, derivative, SIGNATURE), 'hex');
    stamp.update(JSON.stringify([derivative, text, signature]));
    derivatives.set(derivative, text);
  }
  return { stamp: stamp.digest('hex'), derivatives };
}
