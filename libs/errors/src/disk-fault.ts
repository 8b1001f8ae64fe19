import { statfs } from 'node:fs/promises';
import { FatbuildrError } from './fatbuildr.error';

/** Less than this is as good as nothing: who failed for want of room has removed its torn file by now. */
const LEAST_ROOM_BYTES = 1024 * 1024;

/** What errno(3) says of a disk that cannot be written, and what to do about it. */
const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'its disk is full, make room on it',
  EDQUOT: 'the quota of its disk is used up, make room or raise it',
  EROFS: 'its file system is mounted read-only, check the disk and mount it for writing',
  EIO: 'its disk has a fault, check it',
};

/** What is wrong with the disk and what to do; `undefined` when the fault is none of a disk. */
export function diskReason(fault: unknown): string | undefined {
  const code = (fault as NodeJS.ErrnoException | undefined)?.code;
  return code === undefined ? undefined : REASONS[code];
}

/**
 * A fault of the disk as one for its reader; anything else is given back as it is.
 *
 * @param place path of the file or folder that was written, which the kernel does not always say
 */
export function withPlace(fault: unknown, place: string): unknown {
  const reason = fault instanceof FatbuildrError ? undefined : diskReason(fault);
  if (reason === undefined) return fault;
  const { path, dest } = fault as { path?: string; dest?: string };
  const written = dest ?? path ?? place;
  return new FatbuildrError(
    'DISK.UNWRITABLE',
    `${written} cannot be written: ${reason}`,
    { place: written, code: (fault as NodeJS.ErrnoException).code },
    { cause: fault },
  );
}

/** Whether there is no room left for users other than root on the disk of a folder. */
export async function isDiskFull(folder: string): Promise<boolean> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize < LEAST_ROOM_BYTES;
}
