import { packTree } from './pack-tree';
import { unpack } from './unpack';

/** Definitions are small text files; these caps stop mistakes and attacks, not authors. */
const LIMITS = { maxEntries: 10_000, maxUnpacked: 64 * 1024 * 1024 };

/**
 * Packs a definition folder for submission, without a `.git` folder of its own.
 *
 * @param archive ends in `.tar.xz` or `.tar.gz`
 * @throws FatbuildrError `ARTIFACT.REFUSED_FILE`, `ARTIFACT.ABORTED`
 */
export async function packDefinition(
  folder: string,
  archive: string,
  { signal }: { signal?: AbortSignal } = {},
): Promise<void> {
  await packTree(folder, archive, {
    prefix: '',
    maxEntries: LIMITS.maxEntries,
    maxSize: LIMITS.maxUnpacked,
    select: (path) => path !== '.git',
    signal,
  });
}

/**
 * Unpacks a submitted definition; untrusted.
 *
 * @param destination must not exist
 * @throws FatbuildrError as `unpack`
 */
export async function unpackDefinition(
  archive: string,
  destination: string,
  { signal }: { signal?: AbortSignal } = {},
): Promise<void> {
  await unpack(archive, destination, { limits: LIMITS, signal });
}
