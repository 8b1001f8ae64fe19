import type { NameRange } from './registry-format.port';

/**
 * An index is cut into chunks which are compressed each for itself, so that a change has only its own
 * chunks compressed again. Where a chunk begins depends on nothing but the name of a package: what is
 * inserted or removed elsewhere moves no boundary, and an index changed many times has the very chunks of
 * one written at once.
 */

/** A chunk of an index, known by the name of its first package. */
export interface ChunkStart {
  start: string;
}

export interface IndexedFragment {
  name: string;
  fragment: string;
}

/** A chunk that is to be compressed. */
export interface CutChunk extends ChunkStart {
  fragments: string[];
}

/** The fragments of an index whose names are in a range, all by default, sorted by name. */
export type ReadFragments = (names?: NameRange) => Promise<readonly IndexedFragment[]>;

/** A chunk as it is in the index being served, or a new one. */
export type PlannedChunk<C extends ChunkStart> = { kept: C } | { cut: CutChunk };

/** Chunks `[first, last)` of an index, and the names they hold: from `from` on, before `before`. */
interface ChunkRegion {
  first: number;
  last: number;
  /** `undefined`: from the first name. */
  from: string | undefined;
  /** `undefined`: to the last name. */
  before: string | undefined;
}

/**
 * Packages in a chunk, on average: 1 in so many names begins one. A change has some 80 kB compressed again,
 * and an index is about 8 % larger than one compressed whole.
 */
export const CHUNK_LENGTH = 50;

/**
 * The chunks of the next index.
 *
 * @param length packages in a chunk, on average
 * @param since the chunks being served and the names of the packages that changed; `undefined`: all are new
 */
export async function planChunks<C extends ChunkStart>(
  fragments: ReadFragments,
  length: number,
  since: { chunks: readonly C[]; names: Iterable<string> } | undefined,
): Promise<PlannedChunk<C>[]> {
  const cut = async (names?: NameRange) =>
    cutChunks(await fragments(names), length).map((chunk) => ({ cut: chunk }));
  if (since === undefined) return cut();
  const { chunks, names } = since;
  const planned: PlannedChunk<C>[] = [];
  const keep = (from: number, to?: number) => {
    for (const kept of chunks.slice(from, to)) planned.push({ kept });
  };
  let at = 0;
  for (const { first, last, from, before } of touchedRegions(chunks, names)) {
    keep(at, first);
    planned.push(...(await cut({ from, before })));
    at = last;
  }
  keep(at);
  return planned;
}

/** @param fragments sorted by name */
export function cutChunks(fragments: readonly IndexedFragment[], length: number): CutChunk[] {
  const chunks: CutChunk[] = [];
  let previous: string | undefined;
  for (const { name, fragment } of fragments) {
    let chunk = chunks.at(-1);
    if (chunk === undefined || (name !== previous && isBoundary(name, length))) {
      chunk = { start: name, fragments: [] };
      chunks.push(chunk);
    }
    chunk.fragments.push(fragment);
    previous = name;
  }
  return chunks;
}

/** The parts of an index that changes of packages with these names may alter, in order. */
function touchedRegions(chunks: readonly ChunkStart[], names: Iterable<string>): ChunkRegion[] {
  const touched = new Set<number>();
  for (const name of names) {
    const at = chunkOf(chunks, name);
    touched.add(at);
    // A chunk that loses its first name joins the one before it.
    if (at > 0 && chunks[at]?.start === name) touched.add(at - 1);
  }
  const regions: ChunkRegion[] = [];
  for (const at of [...touched].sort((a, b) => a - b)) {
    const region = regions.at(-1);
    const last = Math.min(at + 1, chunks.length);
    const before = chunks[at + 1]?.start;
    if (region !== undefined && region.last === at) Object.assign(region, { last, before });
    else regions.push({ first: at, last, from: at === 0 ? undefined : chunks[at]?.start, before });
  }
  return regions;
}

/** What lies before the first chunk's first name belongs to that chunk. */
function chunkOf(chunks: readonly ChunkStart[], name: string): number {
  let low = 0;
  let high = chunks.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((chunks[middle]?.start ?? '') <= name) low = middle;
    else high = middle;
  }
  return low;
}

/** FNV-1a with a final mixing, for its low bits alone are not evenly spread. */
function isBoundary(name: string, length: number): boolean {
  let hash = 0x811c9dc5;
  for (let at = 0; at < name.length; at++) {
    hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) % length === 0;
}
