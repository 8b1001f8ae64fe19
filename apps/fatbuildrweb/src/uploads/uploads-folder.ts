import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '@fatbuildr/config';
import { messageOf } from '@fatbuildr/errors';

/** Below `dirs.tmp`, which is on the file system of the workspaces, so that files are moved there at once. */
const FOLDER = 'uploads';

/**
 * Where uploads are while they arrive: each in a folder of its own, below one of this process. What a
 * killed process left is removed by the next one on its host.
 */
@Injectable()
export class UploadsFolder implements OnModuleInit {
  private readonly logger = new Logger('uploads');
  private readonly root: string;
  private own: Promise<string> | undefined;

  constructor(@Inject(CONFIGURATION) { dirs }: Configuration) {
    this.root = join(dirs.tmp, FOLDER);
  }

  async onModuleInit(): Promise<void> {
    for (const name of await readdir(this.root).catch(() => [])) {
      const [host, pid, start] = name.split(':');
      if (host !== hostname() || (await startOf(Number(pid))) === start) continue;
      await rm(join(this.root, name), { recursive: true, force: true }).catch((fault: unknown) => {
        this.logger.warn(`${join(this.root, name)} remains: ${messageOf(fault)}`);
      });
    }
  }

  /** Lends a fresh folder to a work; whatever is left in it afterwards is removed. */
  async lend<T>(work: (folder: string) => Promise<T>): Promise<T> {
    this.own ??= startOf(process.pid).then((start) =>
      join(this.root, `${hostname()}:${process.pid}:${start}`),
    );
    const folder = join(await this.own, randomUUID());
    await mkdir(folder, { recursive: true, mode: 0o700 });
    try {
      return await work(folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
}

/** When a process was started, field 22 of proc_pid_stat(5): ids alone are used again. */
async function startOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The second field is the command in parentheses and may hold anything.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}
