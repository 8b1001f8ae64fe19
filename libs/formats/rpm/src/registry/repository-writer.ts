import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createGunzip, gzip, gzipSync } from 'node:zlib';
import {
  allDone,
  DamagedSource,
  planChunks,
  spliceFile,
  type ChunkMap,
  type CutChunk,
  type Piece,
  type ReadFragments,
} from '@fatbuildr/registries';
import { z } from 'zod';
import { fragmentParts, INDEX_KINDS, type IndexKind } from './package-xml';
import { indexFileName, type RepomdEntries, type RepomdEntry } from './repomd';

const size = z.int().positive();

export const repositoryChunk = z.object({
  /** Name of its first package. */
  start: z.string(),
  packages: size,
  /** Bytes of the gzip member in each index. */
  primary: size,
  filelists: size,
  other: size,
});

export type RepositoryChunk = z.infer<typeof repositoryChunk>;

/** The indices of a repository as clients are served them. */
export interface ServedRepository {
  folder: string;
  entries: RepomdEntries;
  chunks: readonly RepositoryChunk[];
  /** Of packages that changed since. */
  names: ReadonlySet<string>;
}

export interface RepositoryChange {
  /** Where the files of the indices go. */
  folder: string;
  fragments: ReadFragments;
  /** Packages in a chunk, on average. */
  length: number;
  /** Seconds since the epoch. */
  timestamp: number;
  /** `undefined`: nothing can be taken of what is served. */
  since: ServedRepository | undefined;
}

export interface WrittenRepository {
  entries: RepomdEntries;
  /** Known by the digest of primary. */
  map: ChunkMap<RepositoryChunk>;
}

/** A chunk as it was, or a new one with its gzip members. */
interface PlannedChunk {
  chunk: RepositoryChunk;
  members?: Record<IndexKind, Buffer>;
}

const compress = promisify(gzip);

const NAMESPACES: Readonly<Record<IndexKind, string>> = {
  primary:
    'metadata xmlns="http://linux.duke.edu/metadata/common" xmlns:rpm="http://linux.duke.edu/metadata/rpm"',
  filelists: 'filelists xmlns="http://linux.duke.edu/metadata/filelists"',
  other: 'otherdata xmlns="http://linux.duke.edu/metadata/other"',
};

/**
 * Writes primary, filelists and other, each a row of gzip members: a head with the number of packages, the
 * chunks, and a foot. Members of chunks that did not change are copied as they are.
 */
export async function writeRepository(change: RepositoryChange): Promise<WrittenRepository> {
  const { since } = change;
  if (since !== undefined && fits(since)) {
    try {
      return await writePlanned(change, await plan(change, since), since);
    } catch (fault) {
      // The rows know better than the files.
      if (!(fault instanceof DamagedSource)) throw fault;
    }
  }
  return writePlanned(change, await plan(change, undefined), undefined);
}

async function plan(
  { fragments, length }: RepositoryChange,
  since: ServedRepository | undefined,
): Promise<PlannedChunk[]> {
  const planned: PlannedChunk[] = [];
  for (const one of await planChunks(fragments, length, since)) {
    planned.push('kept' in one ? { chunk: one.kept } : await pack(one.cut));
  }
  return planned;
}

async function pack({ start, fragments }: CutChunk): Promise<PlannedChunk> {
  const parts = fragments.map(fragmentParts);
  const [primary, filelists, other] = (await Promise.all(
    INDEX_KINDS.map((_, at) => compress(parts.map((part) => part[at] ?? '').join(''))),
  )) as [Buffer, Buffer, Buffer];
  return {
    chunk: {
      start,
      packages: fragments.length,
      primary: primary.length,
      filelists: filelists.length,
      other: other.length,
    },
    members: { primary, filelists, other },
  };
}

async function writePlanned(
  { folder, timestamp }: RepositoryChange,
  planned: readonly PlannedChunk[],
  since: ServedRepository | undefined,
): Promise<WrittenRepository> {
  const written = new Map<IndexKind, RepomdEntry>();
  await allDone(
    INDEX_KINDS.map(async (kind) => {
      const next = join(folder, `.${kind}.next`);
      const source = since && {
        path: join(since.folder, indexFileName(kind, since.entries[kind])),
        ...since.entries[kind],
      };
      const digests = await spliceFile(next, piecesOf(kind, planned, since?.chunks ?? []), source);
      const open = await digestOpen(next);
      const entry = { sha256: digests.sha256, size: digests.size, ...open, timestamp };
      await rename(next, join(folder, indexFileName(kind, entry)));
      written.set(kind, entry);
    }),
  );
  const [primary, filelists, other] = INDEX_KINDS.map((kind) => written.get(kind)) as [
    RepomdEntry,
    RepomdEntry,
    RepomdEntry,
  ];
  const chunks = planned.map(({ chunk }) => chunk);
  return { entries: { primary, filelists, other }, map: { sha256: primary.sha256, chunks } };
}

function piecesOf(
  kind: IndexKind,
  planned: readonly PlannedChunk[],
  served: readonly RepositoryChunk[],
): Piece[] {
  const offsets = new Map<RepositoryChunk, number>();
  let at = head(kind, served).length;
  for (const chunk of served) {
    offsets.set(chunk, at);
    at += chunk[kind];
  }
  const pieces: Piece[] = [
    head(
      kind,
      planned.map(({ chunk }) => chunk),
    ),
  ];
  for (const { chunk, members } of planned) {
    const last = pieces.at(-1);
    const from = offsets.get(chunk) ?? 0;
    const to = from + chunk[kind];
    if (members !== undefined) pieces.push(members[kind]);
    else if (last !== undefined && !Buffer.isBuffer(last) && last.to === from) last.to = to;
    else pieces.push({ from, to });
  }
  return [...pieces, foot(kind)];
}

function head(kind: IndexKind, chunks: readonly RepositoryChunk[]): Buffer {
  const count = chunks.reduce((sum, { packages }) => sum + packages, 0);
  return gzipSync(
    `<?xml version="1.0" encoding="UTF-8"?>\n<${NAMESPACES[kind]} packages="${count}">\n`,
  );
}

function foot(kind: IndexKind): Buffer {
  const [element = ''] = NAMESPACES[kind].split(' ', 1);
  return gzipSync(`</${element}>\n`);
}

/** Whether the files being served can be made of these chunks. */
function fits({ entries, chunks }: ServedRepository): boolean {
  return INDEX_KINDS.every(
    (kind) =>
      entries[kind].size ===
      chunks.reduce((sum, chunk) => sum + chunk[kind], head(kind, chunks).length) +
        foot(kind).length,
  );
}

/** Of the text in a compressed file. */
async function digestOpen(path: string): Promise<Pick<RepomdEntry, 'openSha256' | 'openSize'>> {
  const sha256 = createHash('sha256');
  let openSize = 0;
  const step = { highWaterMark: 256 * 1024 };
  await pipeline(
    createReadStream(path, step),
    createGunzip({ chunkSize: 1024 * 1024 }),
    async (texts: AsyncIterable<Buffer>) => {
      for await (const text of texts) {
        sha256.update(text);
        openSize += text.length;
      }
    },
  );
  return { openSha256: sha256.digest('hex'), openSize };
}
