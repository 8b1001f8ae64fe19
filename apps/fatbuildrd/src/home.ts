import { createHash, randomUUID } from 'node:crypto';
import {
  chmod,
  chown,
  link,
  mkdir,
  readFile,
  rename,
  rm,
  stat,
  unlink,
  writeFile,
} from 'node:fs/promises';
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
    const mine = `${path}.${randomUUID()}`;
    const deadline = Date.now() + LEAVING_TIMEOUT;
    try {
      await writeFile(mine, await identity(process.pid), { mode: 0o600 });
      for (;;) {
        const { holder, inherited } = await seize(path, mine);
        if (holder === undefined) return new HomeLock(path, inherited);
        const { pid, leaving } = holder;
        if (!leaving || Date.now() >= deadline) {
          throw new FatbuildrError(
            'DAEMON.ALREADY_RUNNING',
            `a daemon (process ${pid}) runs on ${state} already, stop it first`,
            { pid, state },
          );
        }
        await delay(20);
      }
    } finally {
      await rm(mine, { force: true });
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

/** A live process that has a lock. */
interface Holder {
  pid: number;
  leaving: boolean;
}

/**
 * Makes our file a lock, unless a live process has it. What a dead process left is replaced in one step, by
 * who has the right to: a lock of its own, which is named after what is to be replaced and becomes its
 * successor.
 *
 * @param mine path of a file with our identity
 * @returns who has the lock, `undefined` for us; and whether we have it from a dead process
 */
async function seize(
  path: string,
  mine: string,
): Promise<{ holder: Holder | undefined; inherited: boolean }> {
  for (;;) {
    if (await links(mine, path)) return { holder: undefined, inherited: false };
    const left = await textOf(path);
    if (left === undefined) continue;
    const pid = Number(left.split(' ')[0]);
    const alive = await identity(pid).catch(() => undefined);
    const leaving = left === `${alive}${LEAVING}`;
    if (left === alive || leaving) return { holder: { pid, leaving }, inherited: false };
    const right = `${path}.${createHash('sha256').update(left).digest('hex').slice(0, 16)}`;
    const { holder } = await seize(right, mine);
    if (holder !== undefined) return { holder, inherited: false };
    // Whoever had the right before us may have used it.
    if ((await textOf(path)) === left) {
      await rename(right, path);
      return { holder: undefined, inherited: true };
    }
    await unlink(right);
  }
}

/** @returns whether the link could be made: `false` when something is there */
async function links(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw fault;
  }
}

/** @returns `undefined` when the file is gone */
async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw fault;
  }
}

/** A process id with its start time, field 22 of proc_pid_stat(5): ids alone are used again. */
async function identity(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The second field is the command in parentheses and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return `${pid} ${fields[19]}`;
}
