import { lstat } from 'node:fs/promises';
import { damagedPackage } from './deb.errors';

/**
 * What a build left behind must be a file itself: a link could publish any file of this host.
 *
 * @returns its size in bytes
 */
export async function requireFile(path: string): Promise<number> {
  const found = await lstat(path);
  if (!found.isFile()) throw damagedPackage(path, 'it is not a regular file');
  return found.size;
}
