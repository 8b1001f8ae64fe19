/**
 * The container of .xz files (https://tukaani.org/xz/xz-file-format.txt): blocks compressed one by one can
 * be kept and put together in a stream again and again. It must be one stream: apt 2.6 reads of several
 * only the first.
 */

/** A block as it stands in a stream: header, data, padding and check. */
export interface XzBlock {
  data: Buffer;
  /** Bytes of the block without its padding. */
  unpadded: number;
  /** Bytes of what was compressed. */
  uncompressed: number;
}

type XzRecord = Pick<XzBlock, 'unpadded' | 'uncompressed'>;

/** Bytes of a stream's header, and of its footer. */
export const XZ_EDGE = 12;

const MAGIC = Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]);
const FOOTER_MAGIC = Buffer.from('YZ');
/** CRC64, what xz uses unless told otherwise. */
const FLAGS = Buffer.from([0x00, 0x04]);
/** What the index begins with in the place where a block has its size. */
const INDEX_INDICATOR = Buffer.from([0x00]);

/** The start of a stream whose blocks carry CRC64 checks. */
export function xzHeader(): Buffer {
  return Buffer.concat([MAGIC, FLAGS, crc32Bytes(FLAGS)]);
}

/** What follows the blocks: their index and the footer. */
export function xzTrailer(blocks: readonly XzRecord[]): Buffer {
  const listed = Buffer.concat([
    INDEX_INDICATOR,
    encodeNumber(blocks.length),
    ...blocks.flatMap(({ unpadded, uncompressed }) => [
      encodeNumber(unpadded),
      encodeNumber(uncompressed),
    ]),
  ]);
  const padded = Buffer.concat([listed, Buffer.alloc(paddedSize(listed.length) - listed.length)]);
  const index = Buffer.concat([padded, crc32Bytes(padded)]);
  // Backward Size is stored in units of four bytes, less one.
  const backward = Buffer.alloc(4);
  backward.writeUInt32LE(index.length / 4 - 1);
  const footer = Buffer.concat([backward, FLAGS]);
  return Buffer.concat([index, crc32Bytes(footer), footer, FOOTER_MAGIC]);
}

/**
 * The blocks of a stream that xz wrote with CRC64 checks.
 *
 * @throws Error when it is anything else
 */
export function readXzBlocks(stream: Buffer): XzBlock[] {
  const footer = stream.subarray(-XZ_EDGE);
  if (
    !stream.subarray(0, XZ_EDGE).equals(xzHeader()) ||
    !footer.subarray(10).equals(FOOTER_MAGIC)
  ) {
    throw new Error('not one xz stream with CRC64 checks');
  }
  const end = stream.length - XZ_EDGE;
  const indexSize = (footer.readUInt32LE(4) + 1) * 4;
  const index = stream.subarray(Math.max(end - indexSize, 0), end);
  const reader = new NumberReader(index, INDEX_INDICATOR.length);
  const count = reader.next();
  const blocks: XzBlock[] = [];
  let at = XZ_EDGE;
  for (let block = 0; block < count; block++) {
    const unpadded = reader.next();
    const uncompressed = reader.next();
    const data = stream.subarray(at, at + paddedSize(unpadded));
    blocks.push({ data, unpadded, uncompressed });
    at += data.length;
  }
  const trailer = xzTrailer(blocks);
  if (at + trailer.length !== stream.length || !stream.subarray(at).equals(trailer)) {
    throw new Error('an xz stream with a damaged index');
  }
  return blocks;
}

/** Blocks and the index are padded to four bytes. */
export function paddedSize(size: number): number {
  return Math.ceil(size / 4) * 4;
}

/** Seven bits to a byte, the lowest first; the highest bit tells that more follow. */
function encodeNumber(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return Buffer.from([...bytes, rest]);
}

class NumberReader {
  constructor(
    private readonly bytes: Buffer,
    private at: number,
  ) {}

  next(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 0x80) {
      const byte = this.bytes[this.at++];
      if (byte === undefined || factor > 2 ** 49)
        throw new Error('an xz stream with a damaged index');
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  }
}

function crc32Bytes(data: Buffer): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(crc32(data));
  return bytes;
}

/** By the reflected polynomial of IEEE 802.3, bit by bit: it is only ever asked for a few kilobytes. */
function crc32(data: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
