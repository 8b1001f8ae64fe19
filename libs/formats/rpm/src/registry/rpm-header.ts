/**
 * Headers of RPM packages (rpm's manual, "RPM V4 Package format"): sixteen bytes of introduction, an index of
 * sixteen bytes an entry, and a store of data the entries point into. Both headers of a package have this form.
 */

const MAGIC = Buffer.from([0x8e, 0xad, 0xe8, 0x01, 0, 0, 0, 0]);
/** Magic, number of entries and bytes of data. */
export const INTRODUCTION = 16;
const ENTRY = 16;
/** What real packages stay far below; rpm itself allows 256 MiB. */
const MAX_ENTRIES = 0xffff;
const MAX_DATA = 64 * 1024 * 1024;
const MAX_VALUES = 1_000_000;

/** Bytes of a value of each numeric type: char, int8, int16, int32, int64. */
const NUMBER_SIZES: ReadonlyMap<number, 1 | 2 | 4 | 8> = new Map([
  [1, 1],
  [2, 1],
  [3, 2],
  [4, 4],
  [5, 8],
] as const);
const STRING_TYPES: ReadonlySet<number> = new Set([6, 8, 9]);
const BINARY_TYPE = 7;

export interface HeaderEntry {
  tag: number;
  type: number;
  /** Values, or bytes of binary data. */
  count: number;
  data: Buffer;
}

interface StoredEntry {
  type: number;
  /** Of the first value in the store. */
  offset: number;
  count: number;
}

/** @returns bytes of the whole header; @param introduction its first 16 bytes */
export function headerLength(introduction: Buffer): number {
  if (introduction.length < INTRODUCTION || !introduction.subarray(0, 8).equals(MAGIC)) {
    throw new Error('a header does not begin where it should');
  }
  const entries = introduction.readUInt32BE(8);
  const data = introduction.readUInt32BE(12);
  if (entries === 0 || entries > MAX_ENTRIES || data > MAX_DATA) {
    throw new Error(`a header of ${entries} entries and ${data} bytes is none of a package`);
  }
  return INTRODUCTION + entries * ENTRY + data;
}

/** The values of a header. Every method throws an Error where the header is damaged. */
export class RpmHeader {
  private readonly entries = new Map<number, StoredEntry>();
  private readonly store: Buffer;

  /** @param bytes the whole header, from its magic on */
  constructor(readonly bytes: Buffer) {
    if (headerLength(bytes) !== bytes.length) throw new Error('a header ends too early');
    const count = bytes.readUInt32BE(8);
    this.store = bytes.subarray(INTRODUCTION + count * ENTRY);
    for (let at = 0; at < count; at++) {
      const entry = INTRODUCTION + at * ENTRY;
      const tag = bytes.readUInt32BE(entry);
      const type = bytes.readUInt32BE(entry + 4);
      const values = bytes.readUInt32BE(entry + 12);
      if (values > MAX_VALUES && type !== BINARY_TYPE) {
        throw new Error(`tag ${tag} of ${values} values is none of a package`);
      }
      this.entries.set(tag, { type, offset: bytes.readUInt32BE(entry + 8), count: values });
    }
  }

  /** The only or the first text of a tag; of several languages, the one that is none. */
  text(tag: number): string | undefined {
    return this.texts(tag, 1)[0];
  }

  /** Empty for a tag that is missing. */
  texts(tag: number, most = Infinity): string[] {
    const entry = this.entries.get(tag);
    if (entry === undefined) return [];
    return this.textSpans(tag, entry, most).map(([from, to]) =>
      this.store.toString('utf8', from, to),
    );
  }

  number(tag: number): number | undefined {
    return this.numbers(tag)[0];
  }

  /** Empty for a tag that is missing. Numbers beyond 2^53 are not exact. */
  numbers(tag: number): number[] {
    const entry = this.entries.get(tag);
    if (entry === undefined) return [];
    const size = NUMBER_SIZES.get(entry.type);
    if (size === undefined) throw new Error(`tag ${tag} is no number`);
    const data = this.data(tag, entry.offset, entry.count * size);
    return Array.from({ length: entry.count }, (_, at) =>
      size === 8 ? Number(data.readBigUInt64BE(at * 8)) : data.readUIntBE(at * size, size),
    );
  }

  binary(tag: number): Buffer | undefined {
    const entry = this.entries.get(tag);
    if (entry === undefined) return undefined;
    if (entry.type !== BINARY_TYPE) throw new Error(`tag ${tag} is not binary`);
    return this.data(tag, entry.offset, entry.count);
  }

  /** Every entry but the region's own, with its data as it is in the header. */
  all(region: number): HeaderEntry[] {
    return [...this.entries]
      .filter(([tag]) => tag !== region)
      .map(([tag, entry]) => ({
        tag,
        type: entry.type,
        count: entry.count,
        data: this.data(tag, entry.offset, this.lengthOf(tag, entry)),
      }));
  }

  private lengthOf(tag: number, entry: StoredEntry): number {
    const { type, offset, count } = entry;
    if (type === BINARY_TYPE) return count;
    const size = NUMBER_SIZES.get(type);
    if (size !== undefined) return count * size;
    const last = this.textSpans(tag, entry).at(-1);
    return last === undefined ? 0 : last[1] + 1 - offset;
  }

  /** Where each text begins and ends in the store. */
  private textSpans(
    tag: number,
    { type, offset, count }: StoredEntry,
    most = Infinity,
  ): [from: number, to: number][] {
    if (!STRING_TYPES.has(type)) throw new Error(`tag ${tag} is no text`);
    const spans: [from: number, to: number][] = [];
    let at = offset;
    for (let left = Math.min(count, most); left > 0; left--) {
      const end = at < this.store.length ? this.store.indexOf(0, at) : -1;
      if (end < 0) throw new Error(`tag ${tag} reaches beyond the header`);
      spans.push([at, end]);
      at = end + 1;
    }
    return spans;
  }

  private data(tag: number, offset: number, length: number): Buffer {
    if (offset + length > this.store.length)
      throw new Error(`tag ${tag} reaches beyond the header`);
    return this.store.subarray(offset, offset + length);
  }
}

/**
 * Writes a header whose entries all belong to one region: sorted by tag, the region's entry first, its
 * trailer last in the data.
 *
 * @param region the tag of the region
 */
export function buildHeader(region: number, entries: readonly HeaderEntry[]): Buffer {
  const sorted = [...entries].sort((a, b) => a.tag - b.tag);
  const pieces: Buffer[] = [];
  let at = 0;
  const index: Buffer[] = [];
  for (const { tag, type, count, data } of sorted) {
    const alignment = NUMBER_SIZES.get(type) ?? 1;
    const padding = -at & (alignment - 1);
    pieces.push(Buffer.alloc(padding), data);
    at += padding;
    index.push(indexEntry(tag, type, at, count));
    at += data.length;
  }
  const indexLength = (sorted.length + 1) * ENTRY;
  pieces.push(indexEntry(region, BINARY_TYPE, -indexLength, ENTRY));
  const introduction = Buffer.alloc(INTRODUCTION);
  MAGIC.copy(introduction);
  introduction.writeUInt32BE(sorted.length + 1, 8);
  introduction.writeUInt32BE(at + ENTRY, 12);
  return Buffer.concat([
    introduction,
    indexEntry(region, BINARY_TYPE, at, ENTRY),
    ...index,
    ...pieces,
  ]);
}

export function binaryEntry(tag: number, data: Buffer): HeaderEntry {
  return { tag, type: BINARY_TYPE, count: data.length, data };
}

function indexEntry(tag: number, type: number, offset: number, count: number): Buffer {
  const entry = Buffer.alloc(ENTRY);
  entry.writeUInt32BE(tag, 0);
  entry.writeUInt32BE(type, 4);
  entry.writeInt32BE(offset, 8);
  entry.writeUInt32BE(count, 12);
  return entry;
}
