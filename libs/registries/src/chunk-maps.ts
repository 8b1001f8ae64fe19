import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { z } from 'zod';
import type { ChunkStart } from './index-chunks';

/** Where the chunks are in the served files of an index, told by the digest of one of them. */
export interface ChunkMap<C extends ChunkStart> {
  sha256: string;
  chunks: C[];
}

/**
 * The chunk maps of a distribution's indices, kept in a cache: one for each, replaced with it. Without a map
 * an index is compressed whole once; a map of another file than the one served is not used.
 */
export class ChunkMaps<C extends ChunkStart> {
  private readonly schema: z.ZodType<ChunkMap<C>>;

  constructor(
    private readonly folder: string,
    chunk: z.ZodType<C>,
  ) {
    this.schema = z.object({ sha256: z.string(), chunks: z.array(chunk) });
  }

  /** @param index names the index in the distribution; @param sha256 of the file being served */
  async find(index: string, sha256: string): Promise<readonly C[] | undefined> {
    try {
      const found = this.schema.parse(JSON.parse(await readFile(this.path(index), 'utf8')));
      return found.sha256 === sha256 ? found.chunks : undefined;
    } catch {
      // Missing, damaged or of another version of this program: it is written anew.
      return undefined;
    }
  }

  async keep(index: string, map: ChunkMap<C>): Promise<void> {
    const path = this.path(index);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFileAtomic(path, JSON.stringify(map), { mode: 0o600, fsync: false });
  }

  private path(index: string): string {
    return join(this.folder, `${index}.json`);
  }
}
