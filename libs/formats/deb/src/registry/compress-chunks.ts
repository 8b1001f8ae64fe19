import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { run } from '@fatbuildr/processes';
import type { CutChunk } from '@fatbuildr/registries';
import type { Chunk } from './apt-chunks';
import { readXzBlocks, type XzBlock } from './xz-container';

/** A chunk in each of the forms an index is published in. */
export interface PackedChunk {
  chunk: Chunk;
  plain: Buffer;
  gz: Buffer;
  /** The block with its padding. */
  xz: Buffer;
}

/** Chunks handed to one xz process: their sizes are an argument, which Linux limits to 128 KiB. */
const BATCH = 1000;

/**
 * The preset's own dictionary of 8 MiB is prepared anew for each block and takes longer than to compress
 * it; one that holds a chunk finds as much.
 */
const XZ_OPTIONS = ['--check=crc64', '--lzma2=preset=6,dict=256KiB'];

const compress = promisify(gzip);

export async function packChunks(chunks: readonly CutChunk[]): Promise<PackedChunk[]> {
  const packed: PackedChunk[] = [];
  for (let at = 0; at < chunks.length; at += BATCH) {
    packed.push(...(await packBatch(chunks.slice(at, at + BATCH))));
  }
  return packed;
}

async function packBatch(chunks: readonly CutChunk[]): Promise<PackedChunk[]> {
  // An empty line ends each paragraph, so that chunks can follow each other as they are.
  const plain = chunks.map(({ fragments }) => Buffer.from(`${fragments.join('\n')}\n`, 'utf8'));
  const [members, blocks] = await Promise.all([gzipMembers(plain), xzBlocks(plain)]);
  return chunks.map(({ start }, at) => {
    const [text, gz, block] = [plain[at], members[at], blocks[at]];
    if (text === undefined || gz === undefined || block?.uncompressed !== text.length) {
      throw new Error('xz did not keep the blocks apart as it was told to');
    }
    const { data: xz, unpadded } = block;
    return {
      chunk: { start, plain: text.length, gz: gz.length, xz: unpadded },
      plain: text,
      gz,
      xz,
    };
  });
}

async function gzipMembers(texts: readonly Buffer[]): Promise<Buffer[]> {
  const members: Buffer[] = [];
  for (const text of texts) members.push(await compress(text));
  return members;
}

/** One process for all of them, for it takes as long to start as to compress one. */
async function xzBlocks(texts: readonly Buffer[]): Promise<XzBlock[]> {
  const sizes = texts.map(({ length }) => length).join(',');
  const { stdout } = await run(['xz', '-c', ...XZ_OPTIONS, `--block-list=${sizes}`], {
    stdin: Readable.from(texts),
  });
  return readXzBlocks(stdout);
}
