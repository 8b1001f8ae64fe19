import { mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '@fatbuildr/processes';

const BALLAST = '.ballast';

/** A disk of a few megabytes in the memory of the host, which can be full or read-only. */
export class SmallDisk {
  private constructor(readonly folder: string) {}

  /** @param megabytes of room */
  static async mount(folder: string, megabytes: number): Promise<SmallDisk> {
    await mkdir(folder, { recursive: true });
    const options = `size=${megabytes}m,mode=755`;
    await run(['mount', '-t', 'tmpfs', '-o', options, 'tmpfs', folder]);
    return new SmallDisk(folder);
  }

  /** @param left bytes, in whole pages, that still fit */
  async fill(left = 0): Promise<void> {
    await this.empty();
    const { bavail, bsize } = await statfs(this.folder);
    await writeFile(join(this.folder, BALLAST), Buffer.alloc(bavail * bsize - left));
  }

  empty(): Promise<void> {
    return rm(join(this.folder, BALLAST), { force: true });
  }

  async setReadOnly(readOnly: boolean): Promise<void> {
    await run(['mount', '-o', `remount,${readOnly ? 'ro' : 'rw'}`, this.folder]);
  }

  /** Also when something still has a file of it open. */
  async unmount(): Promise<void> {
    await run(['umount', '--lazy', this.folder]);
  }
}
