import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '@fatbuildr/processes';

interface LoopDevice {
  name: string;
  'back-ino': number | string | null;
  'back-maj:min': string | null;
}

/**
 * Detaches the loop devices on files of a folder: they are the host's, and outlive a container that was killed
 * while it made a disk image, with the room their files take. Devices are told by the inode of their file, as
 * its path is that of a container.
 */
export async function detachLoopDevices(folder: string): Promise<void> {
  const { stdout } = await run([
    ...(['losetup', '--list', '--json'] as const),
    '--output=NAME,BACK-INO,BACK-MAJ:MIN',
  ]);
  const listed = stdout.toString('utf8').trim();
  const devices =
    listed === '' ? [] : (JSON.parse(listed) as { loopdevices: LoopDevice[] }).loopdevices;
  const { dev } = await lstat(folder);
  const near = devices.filter((device) => device['back-maj:min']?.trim() === deviceNumber(dev));
  if (near.length === 0) return;
  const inodes = new Set<number>();
  // With types, links are not followed.
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) inodes.add((await lstat(join(entry.parentPath, entry.name))).ino);
  }
  for (const { name, 'back-ino': inode } of near) {
    if (inodes.has(Number(inode))) await run(['losetup', '--detach', name]);
  }
}

/** As losetup prints it (makedev(3): glibc's layout of the bits). */
function deviceNumber(dev: number): string {
  const bits = BigInt(dev);
  const major = ((bits >> 8n) & 0xfffn) | ((bits >> 32n) & 0xfffff000n);
  const minor = (bits & 0xffn) | ((bits >> 12n) & 0xffffff00n);
  return `${major}:${minor}`;
}
