import { constants } from 'node:fs';
import { copyFile, lstat, mkdir, open, rename, unlink, type FileHandle } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join } from 'node:path';
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
  const parent = await acceptable(path, open(dirname(path), constants.O_RDONLY | DIRECTORY));
  try {
    // By the descriptor of its folder: no folder on the way can be exchanged for a link meanwhile.
    return await takeFrom(`/proc/self/fd/${parent.fd}/${basename(path)}`, path, sender, folder);
  } finally {
    await parent.close();
  }
}

const DIRECTORY = constants.O_DIRECTORY | constants.O_NONBLOCK;

async function takeFrom(
  pinned: string,
  path: string,
  sender: number,
  folder: string,
): Promise<string> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const source = await acceptable(path, open(pinned, flags));
  try {
    const seen = await source.stat();
    if (!seen.isFile()) throw unacceptableUpload(path, 'it is not a regular file');
    if (seen.uid !== sender) throw unacceptableUpload(path, 'it belongs to another user');
    if (seen.nlink !== 1) throw unacceptableUpload(path, 'it has several hard links');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const target = join(folder, basename(path));
    try {
      await rename(pinned, target);
    } catch (fault) {
      if ((fault as NodeJS.ErrnoException).code !== 'EXDEV') throw fault;
      // Another file system: what the open descriptor holds is copied, whatever the name points to by now.
      await copyFile(`/proc/self/fd/${source.fd}`, target, constants.COPYFILE_EXCL);
      await unlink(pinned);
      return target;
    }
    const moved = await lstat(target);
    if (moved.ino !== seen.ino || moved.dev !== seen.dev) {
      await rename(target, pinned);
      throw unacceptableUpload(path, 'it was replaced while it was taken over');
    }
    return target;
  } finally {
    await source.close();
  }
}

function acceptable(path: string, opened: Promise<FileHandle>): Promise<FileHandle> {
  return opened.catch((fault: NodeJS.ErrnoException) => {
    throw unacceptableUpload(path, REASONS[fault.code ?? ''] ?? fault.message);
  });
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  ENOTDIR: 'it does not exist',
  ELOOP: 'it is a symbolic link',
  EACCES: 'the daemon may not read it',
};
