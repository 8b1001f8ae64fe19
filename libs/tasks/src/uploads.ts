import { constants } from 'node:fs';
import { copyFile, lstat, mkdir, open, rename, unlink } from 'node:fs/promises';
import { basename, isAbsolute, join } from 'node:path';
import { unacceptableUpload } from './tasks.errors';

/**
 * Takes over a file that a client wrote for the daemon: it must be a regular file of the sender's and is
 * moved, never followed.
 *
 * @param sender numeric user id of the client
 * @returns the file's path inside `folder`
 */
export async function takeOver(path: string, sender: number, folder: string): Promise<string> {
  if (!isAbsolute(path)) throw unacceptableUpload(path, 'its path is not absolute');
  const source = await open(
    path,
    constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
  ).catch((fault: NodeJS.ErrnoException) => {
    throw unacceptableUpload(path, REASONS[fault.code ?? ''] ?? fault.message);
  });
  try {
    const seen = await source.stat();
    if (!seen.isFile()) throw unacceptableUpload(path, 'it is not a regular file');
    if (seen.uid !== sender) throw unacceptableUpload(path, 'it belongs to another user');
    if (seen.nlink !== 1) throw unacceptableUpload(path, 'it has several hard links');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const target = join(folder, basename(path));
    try {
      await rename(path, target);
    } catch (fault) {
      if ((fault as NodeJS.ErrnoException).code !== 'EXDEV') throw fault;
      // Another file system: what the open descriptor holds is copied, whatever the name points to by now.
      await copyFile(`/proc/self/fd/${source.fd}`, target, constants.COPYFILE_EXCL);
      await unlink(path);
      return target;
    }
    const moved = await lstat(target);
    if (moved.ino !== seen.ino || moved.dev !== seen.dev) {
      await rename(target, path);
      throw unacceptableUpload(path, 'it was replaced while it was taken over');
    }
    return target;
  } finally {
    await source.close();
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  ELOOP: 'it is a symbolic link',
  EACCES: 'the daemon may not read it',
};
