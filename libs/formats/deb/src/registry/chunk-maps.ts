import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { z } from 'zod';
import type { Chunk } from './index-chunks';
import { paddedSize, xzHeader, xzTrailer } from './xz-container';

const size = z.int().positive();
const chunkMap = z.object({
  /** Of the plain file. */
  sha256: z.string(),
  chunks: z.array(z.object({ start: z.string(), plain: size, gz: size, xz: size })),
});

/** Where the chunks are in the served files of an index, told by its digest. */
export type ChunkMap = z.infer<typeof chunkMap>;

/**
 * The chunk maps of a distribution's index files, kept in a cache: one for each file, replaced with it.
 * Without a map an index is compressed whole once; a map of another file than the one served is not used.
 */
export class ChunkMaps {
  constructor(private readonly folder: string) {}

  /** @param index path of the plain file in the distribution; @param sha256 of the one being served */
  async find(index: string, sha256: string): Promise<readonly Chunk[] | undefined> {
    try {
      const found = chunkMap.parse(JSON.parse(await readFile(this.path(index), 'utf8')));
      return found.sha256 === sha256 ? found.chunks : undefined;
    } catch {
      // Missing, damaged or of another version of this program: it is written anew.
      return undefined;
    }
  }

  async keep(index: string, map: ChunkMap): Promise<void> {
    const path = this.path(index);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFileAtomic(path, JSON.stringify(map), { mode: 0o600, fsync: false });
  }

  private path(index: string): string {
    return join(this.folder, `${index}.json`);
  }
}

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
