import { rm } from 'node:fs/promises';
import { run } from './process';

/**
 * Removes a file or folder with all below it; what is not there is no fault, links are not followed.
 *
 * Node names every file by its whole path, which the kernel refuses beyond 4096 bytes (`PATH_MAX`). A
 * hostile build can nest its folders deeper than that; the host's `rm` walks down step by step.
 */
export async function removeTree(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code !== 'ENAMETOOLONG') throw fault;
    await run(['rm', '--recursive', '--force', '--one-file-system', '--', path]);
  }
}
