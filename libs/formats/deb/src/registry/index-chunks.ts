/**
 * An index is cut into chunks which are compressed each for itself, so that a change has only its own
 * chunks compressed again. Where a chunk begins depends on nothing but the name of a package: what is
 * inserted or removed elsewhere moves no boundary, and an index changed many times has the very chunks of
 * one written at once.
 */

/** Where a chunk is in the files of an index: each file is its chunks in a row. */
export interface Chunk {
  /** Name of its first package. */
  start: string;
  /** Bytes of the text. */
  plain: number;
  /** Bytes of the gzip member. */
  gz: number;
  /** Bytes of the xz block without its padding. */
  xz: number;
}

export interface IndexedFragment {
  name: string;
  fragment: string;
}

/** Text of a chunk that is to be compressed. */
export interface ChunkText {
  start: string;
  text: string;
}

/** Chunks `[first, last)` of an index, and the names they hold: from `from` on, before `before`. */
export interface ChunkRegion {
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

/** @param fragments sorted by name */
export function cutChunks(fragments: readonly IndexedFragment[], length: number): ChunkText[] {
  const chunks: { start: string; texts: string[] }[] = [];
  let previous: string | undefined;
  for (const { name, fragment } of fragments) {
    let chunk = chunks.at(-1);
    if (chunk === undefined || (name !== previous && isBoundary(name, length))) {
      chunk = { start: name, texts: [] };
      chunks.push(chunk);
    }
    // An empty line ends each paragraph, so that chunks can follow each other as they are.
    chunk.texts.push(fragment, '\n');
    previous = name;
  }
  return chunks.map(({ start, texts }) => ({ start, text: texts.join('') }));
}

/** The parts of an index that changes of packages with these names may alter, in order. */
export function touchedRegions(
  chunks: readonly Pick<Chunk, 'start'>[],
  names: Iterable<string>,
): ChunkRegion[] {
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
function chunkOf(chunks: readonly Pick<Chunk, 'start'>[], name: string): number {
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
