import { statfs } from 'node:fs/promises';

/** Bytes an image must leave of the disk, which builds share with the database and the registries. */
export const RESERVE = 256 * 1024 * 1024;
const INTERVAL_MS = 1000;

/** Bytes that are free on the disk of a folder, for users other than root. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** What the tools that make images print when the disk, or the largest file it takes, is too small. */
export function lacksRoom(printed: string): boolean {
  return /No space left on device|File too large|Disk quota exceeded|\bENOSPC\b/.test(printed);
}

/**
 * Does work that may take all of the disk, and stops it before it has.
 *
 * @param fault what its signal is aborted with
 * @param work is given a signal that is aborted when less than `RESERVE` bytes are left
 */
export async function withinDisk<T>(
  folder: string,
  fault: Error,
  work: (signal: AbortSignal) => Promise<T>,
  { free = freeBytes, interval = INTERVAL_MS } = {},
): Promise<T> {
  const full = new AbortController();
  const look = async () => {
    if ((await free(folder)) < RESERVE) full.abort(fault);
  };
  await look();
  full.signal.throwIfAborted();
  // A disk that cannot be asked is a fault of its own for whoever writes to it.
  const timer = setInterval(() => void look().catch(() => undefined), interval);
  try {
    return await work(full.signal);
  } finally {
    clearInterval(timer);
  }
}
