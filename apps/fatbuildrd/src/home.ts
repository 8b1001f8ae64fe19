import { chmod, chown, link, mkdir, readFile, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Configuration } from '@fatbuildr/config';
import { FatbuildrError } from '@fatbuildr/errors';
import { run } from '@fatbuildr/processes';
import writeFileAtomic from 'write-file-atomic';

/** Exit status of getent(1). */
const NO_SUCH_GROUP = 2;

/** Under `dirs.run`: where clients put the files of a build. */
export const UPLOADS_FOLDER = 'uploads';

/** Milliseconds a daemon that is leaving may take, with all its servers. */
const LEAVING_TIMEOUT = 120_000;

/** Its members may follow the tasks of a daemon on the system bus. */
export const GROUP = 'fatbuildr';

/**
 * Creates the folders of the installation, private ones closed to others.
 *
 * @param shared whether users of the whole host are served, and not the daemon's own alone
 */
export async function prepareFolders(
  { dirs, tasks, keyring, images }: Configuration,
  shared: boolean,
): Promise<void> {
  const uploads = join(dirs.run, UPLOADS_FOLDER);
  // Whatever is there was never submitted: its client died, or the daemon before it could answer. It may
  // be changed by its owner while we walk through it, which rm(1) is prepared for and Node is not.
  await run(['rm', '--recursive', '--force', '--one-file-system', '--', uploads]);
  const open = [dirs.registry, dirs.run, images.storage];
  const closed = [dirs.state, dirs.cache, dirs.tmp, keyring.storage, tasks.workspaces];
  for (const folder of open) await mkdir(folder, { recursive: true, mode: 0o755 });
  for (const folder of closed) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    // Journals are below: the group gets through this one door, and what is inside need not know of it.
    await chmod(folder, shared && folder === tasks.workspaces ? await letGroupIn(folder) : 0o700);
  }
  await mkdir(uploads, { mode: 0o700 });
  // As /tmp is, but nobody sees what others put there.
  if (shared) await chmod(uploads, 0o1733);
}

/** @returns the mode of a folder that the group may enter, if there is such a group */
async function letGroupIn(folder: string): Promise<number> {
  const { stdout } = await run(['getent', 'group', GROUP], { accept: [0, NO_SUCH_GROUP] });
  const gid = stdout.toString('utf8').split(':')[2];
  if (gid === undefined) return 0o700;
  await chown(folder, (await stat(folder)).uid, Number(gid));
  return 0o750;
}

/** Follows the identity of a holder that lets go of the installation soon. */
const LEAVING = ' leaving';

/**
 * Holds the installation for one daemon; a lock whose process is gone is taken over, and one whose process
 * is leaving is waited for.
 */
export class HomeLock {
  private constructor(
    private readonly path: string,
    /** Whether the daemon before this one was killed, and may have left what it was just making. */
    readonly inherited: boolean,
  ) {}

  /** @throws FatbuildrError `DAEMON.ALREADY_RUNNING` */
  static async take(state: string): Promise<HomeLock> {
    await mkdir(state, { recursive: true, mode: 0o700 });
    const path = join(state, 'daemon.lock');
    const mine = `${path}.${process.pid}`;
    await writeFile(mine, await identity(process.pid), { mode: 0o600 });
    const deadline = Date.now() + LEAVING_TIMEOUT;
    let inherited = false;
    try {
      for (;;) {
        try {
          await link(mine, path);
          return new HomeLock(path, inherited);
        } catch (fault) {
          if ((fault as NodeJS.ErrnoException).code !== 'EEXIST') throw fault;
        }
        const holder = await readFile(path, 'utf8').catch(() => '');
        const pid = Number(holder.split(' ')[0]);
        const alive = await identity(pid).catch(() => undefined);
        if (alive !== undefined && holder === alive + LEAVING && Date.now() < deadline) {
          await delay(20);
          continue;
        }
        if (alive !== undefined && holder.startsWith(alive)) {
          throw new FatbuildrError(
            'DAEMON.ALREADY_RUNNING',
            `a daemon (process ${pid}) runs on ${state} already, stop it first`,
            { pid, state },
          );
        }
        await rm(path, { force: true });
        inherited = true;
      }
    } finally {
      await unlink(mine);
    }
  }

  /** Tells who wants the installation to wait for its release, or, with `false`, not to. */
  async leaving(leaving = true): Promise<void> {
    const holder = await identity(process.pid);
    await writeFileAtomic(this.path, leaving ? holder + LEAVING : holder, { mode: 0o600 });
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
