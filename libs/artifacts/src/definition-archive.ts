import { packTree } from './pack-tree';
import { unpack } from './unpack';

/** Definitions are small text files; these caps stop mistakes and attacks, not authors. */
const LIMITS = { maxEntries: 10_000, maxUnpacked: 64 * 1024 * 1024 };

export interface PackDefinitionOptions {
  /** Top-level files that are left out, besides a `.git` folder of its own. */
  exclude?: readonly string[];
  signal?: AbortSignal;
}

/**
 * Packs a definition folder for submission.
 *
 * @param archive ends in `.tar.xz` or `.tar.gz`
 * @throws FatbuildrError `ARTIFACT.REFUSED_FILE`, `ARTIFACT.ABORTED`
 */
export async function packDefinition(
  folder: string,
  archive: string,
  { exclude = [], signal }: PackDefinitionOptions = {},
): Promise<void> {
  await packTree(folder, archive, {
    prefix: '',
    maxEntries: LIMITS.maxEntries,
    maxSize: LIMITS.maxUnpacked,
    select: (path) => path !== '.git' && !exclude.includes(path),
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
