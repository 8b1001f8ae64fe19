import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import {
  DamagedSource,
  planChunks,
  spliceFile,
  type ChunkMap,
  type ChunkMaps,
  type Piece,
  type ReadFragments,
  type SpliceSource,
} from '@fatbuildr/registries';
import { sizesOf, type Chunk } from './apt-chunks';
import { packChunks, type PackedChunk } from './compress-chunks';
import { byHashPath, perVariant, variantPath, writeByHash, type Variant } from './index-files';
import type { IndexEntry } from './release';
import { paddedSize, xzHeader, xzTrailer, XZ_EDGE } from './xz-container';

export interface IndexChange {
  /** The distribution's folder. */
  folder: string;
  /** Path of the plain file in the folder. */
  index: string;
  generation: Date;
  fragments: ReadFragments;
  /** The files being served and the names of the packages that changed since; `undefined`: all may have. */
  since: { entries: Record<Variant, IndexEntry>; names: ReadonlySet<string> } | undefined;
}

export interface WrittenIndex {
  entries: IndexEntry[];
  /** Absolute paths of files that were not there before. */
  created: string[];
  map: ChunkMap<Chunk>;
}

/** A chunk as it was, or a new one with its content. */
type PlannedChunk = { chunk: Chunk; content?: PackedChunk };

/**
 * Writes the files of an index. What did not change since the ones being served is copied from them,
 * compressed as it is; the rest is generated and compressed.
 *
 * @param length packages in a chunk, on average
 */
export async function writeIndex(
  change: IndexChange,
  maps: ChunkMaps<Chunk>,
  length: number,
): Promise<WrittenIndex> {
  const { index, since } = change;
  if (since !== undefined) {
    const chunks = await maps.find(index, since.entries.plain.sha256);
    if (chunks !== undefined && fits(chunks, since.entries)) {
      try {
        const planned = await plan(change, length, { chunks, names: since.names });
        return await writePlanned(change, planned, chunks);
      } catch (fault) {
        // The rows know better than the files.
        if (!(fault instanceof DamagedSource)) throw fault;
      }
    }
  }
  return writePlanned(change, await plan(change, length, undefined), undefined);
}

async function plan(
  { fragments }: IndexChange,
  length: number,
  since: { chunks: readonly Chunk[]; names: ReadonlySet<string> } | undefined,
): Promise<PlannedChunk[]> {
  const planned = await planChunks(fragments, length, since);
  const cut = planned.flatMap((one) => ('cut' in one ? [one.cut] : []));
  const packed = (await packChunks(cut)).map((content) => ({ chunk: content.chunk, content }));
  return planned.flatMap((one) => ('kept' in one ? [{ chunk: one.kept }] : packed.splice(0, 1)));
}

/** @param served the chunks of the files being served; `undefined` when nothing is taken of them */
async function writePlanned(
  { folder, index, generation, since }: IndexChange,
  planned: readonly PlannedChunk[],
  served: readonly Chunk[] | undefined,
): Promise<WrittenIndex> {
  const created: string[] = [];
  const source = (variant: Variant): SpliceSource | undefined => {
    const entry = served && since?.entries[variant];
    return entry && { ...entry, path: join(folder, byHashPath(entry)) };
  };
  try {
    const { plain, gz, xz } = await perVariant(async (variant) => {
      const pieces = piecesOf(variant, planned, served ?? []);
      const path = variantPath(index, variant);
      const written = await writeByHash(folder, path, generation, (target) =>
        spliceFile(target, pieces, source(variant)),
      );
      created.push(...written.created);
      return written.entry;
    });
    const chunks = planned.map(({ chunk }) => chunk);
    return { entries: [plain, gz, xz], created, map: { sha256: plain.sha256, chunks } };
  } catch (fault) {
    for (const path of created) await rm(path, { force: true });
    throw fault;
  }
}

function piecesOf(
  variant: Variant,
  planned: readonly PlannedChunk[],
  served: readonly Chunk[],
): Piece[] {
  // Not even an index without packages may be an empty file to gzip.
  if (variant === 'gz' && planned.length === 0) return [gzipSync('')];
  const offsets = offsetsOf(variant, served);
  const pieces: Piece[] = [];
  for (const { chunk, content } of planned) {
    const last = pieces.at(-1);
    const from = offsets.get(chunk) ?? 0;
    const to = from + sizeIn(variant, chunk);
    if (content !== undefined) pieces.push(content[variant]);
    else if (last !== undefined && !Buffer.isBuffer(last) && last.to === from) last.to = to;
    else pieces.push({ from, to });
  }
  if (variant !== 'xz') return pieces;
  const records = planned.map(({ chunk }) => ({ unpadded: chunk.xz, uncompressed: chunk.plain }));
  return [xzHeader(), ...pieces, xzTrailer(records)];
}

function offsetsOf(variant: Variant, chunks: readonly Chunk[]): Map<Chunk, number> {
  const offsets = new Map<Chunk, number>();
  let at = variant === 'xz' ? XZ_EDGE : 0;
  for (const chunk of chunks) {
    offsets.set(chunk, at);
    at += sizeIn(variant, chunk);
  }
  return offsets;
}

function sizeIn(variant: Variant, chunk: Chunk): number {
  return variant === 'xz' ? paddedSize(chunk.xz) : chunk[variant];
}

/** Whether files of these sizes can be made of these chunks. */
function fits(chunks: readonly Chunk[], entries: Record<Variant, IndexEntry>): boolean {
  const { plain, gz, xz } = sizesOf(chunks);
  if (chunks.length === 0) return entries.plain.size === 0;
  return entries.plain.size === plain && entries.gz.size === gz && entries.xz.size === xz;
}
