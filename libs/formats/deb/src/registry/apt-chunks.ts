import { z } from 'zod';
import { paddedSize, xzHeader, xzTrailer } from './xz-container';

const size = z.int().positive();

export const aptChunk = z.object({
  /** Name of its first package. */
  start: z.string(),
  /** Bytes of the text. */
  plain: size,
  /** Bytes of the gzip member. */
  gz: size,
  /** Bytes of the xz block without its padding. */
  xz: size,
});

/** Where a chunk is in the files of an index: each file is its chunks in a row. */
export type Chunk = z.infer<typeof aptChunk>;

/** Bytes that files made of these chunks have, in the order of the variants. */
export function sizesOf(chunks: readonly Chunk[]): { plain: number; gz: number; xz: number } {
  const records = chunks.map(({ plain, xz }) => ({ unpadded: xz, uncompressed: plain }));
  const sizes = { plain: 0, gz: 0, xz: xzHeader().length + xzTrailer(records).length };
  for (const { plain, gz, xz } of chunks) {
    sizes.plain += plain;
    sizes.gz += gz;
    sizes.xz += paddedSize(xz);
  }
  return sizes;
}
