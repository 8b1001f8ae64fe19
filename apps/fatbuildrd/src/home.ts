import { chmod, link, mkdir, readFile, rm, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Configuration } from '@fatbuildr/config';
import { FatbuildrError } from '@fatbuildr/errors';

/** Under `dirs.run`: where clients put the files of a build. */
export const UPLOADS_FOLDER = 'uploads';

/** Creates the folders of the installation, private ones closed to others. */
export async function prepareFolders({
  dirs,
  tasks,
  keyring,
  images,
}: Configuration): Promise<void> {
  const uploads = join(dirs.run, UPLOADS_FOLDER);
  // Whatever is there was never submitted: its client died, or the daemon before it could answer.
  await rm(uploads, { recursive: true, force: true });
  const shared = [dirs.registry, dirs.run, tasks.workspaces, images.storage];
  const closed = [
    dirs.state,
    dirs.cache,
    dirs.tmp,
    keyring.storage,
    join(dirs.run, UPLOADS_FOLDER),
  ];
  for (const folder of shared) await mkdir(folder, { recursive: true, mode: 0o755 });
  for (const folder of closed) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await chmod(folder, 0o700);
  }
}

/** Holds the installation for one daemon; a lock whose process is gone is taken over. */
export class HomeLock {
  private constructor(private readonly path: string) {}

  static async take(state: string): Promise<HomeLock> {
    await mkdir(state, { recursive: true, mode: 0o700 });
    const path = join(state, 'daemon.lock');
    const mine = `${path}.${process.pid}`;
    await writeFile(mine, await identity(process.pid));
    try {
      for (;;) {
        try {
          await link(mine, path);
          return new HomeLock(path);
        } catch (fault) {
          if ((fault as NodeJS.ErrnoException).code !== 'EEXIST') throw fault;
        }
        const holder = await readFile(path, 'utf8').catch(() => '');
        const pid = Number(holder.split(' ')[0]);
        if (holder !== '' && holder === (await identity(pid).catch(() => undefined))) {
          throw new FatbuildrError(
            'DAEMON.ALREADY_RUNNING',
            `a daemon (process ${pid}) runs on ${state} already, stop it first`,
            { pid, state },
          );
        }
        await rm(path, { force: true });
      }
    } finally {
      await unlink(mine);
    }
  }

  async release(): Promise<void> {
    await rm(this.path, { force: true });
  }
}

/** A process id with its start time, field 22 of proc_pid_stat(5): ids alone are used again. */
async function identity(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The second field is the command in parentheses and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return `${pid} ${fields[19]}`;
}
