import { link, mkdir, open, rename, rm, stat, utimes } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Files written beside their final names and then put in place one after the other, in the order they
 * were added, each by an atomic rename. What they replace can be put back until `settle`.
 *
 * The names in between are derived from the final ones, so leftovers of a killed process are overwritten
 * by the next change; whoever uses this holds the registry's lock.
 */
export class StagedFiles {
  private readonly staged: { target: string; next: string; previous: string }[] = [];
  private readonly replaced: { target: string; previous: string | undefined }[] = [];

  write(target: string, content: string | Buffer): Promise<void> {
    return this.writeAll([[target, content]]);
  }

  /** Waits for the disk once and not for each file. */
  async writeAll(
    files: readonly (readonly [target: string, content: string | Buffer])[],
  ): Promise<void> {
    const prepared: (readonly [next: string, content: string | Buffer])[] = [];
    for (const [target, content] of files) {
      prepared.push([(await this.prepare(target)).next, content]);
    }
    await allDone(prepared.map(([next, content]) => writeDurably(next, content)));
  }

  /** The target becomes another name of an existing file. */
  async link(target: string, existing: string): Promise<void> {
    const { next } = await this.prepare(target);
    await link(existing, next);
  }

  async switch(): Promise<void> {
    for (const { target, next, previous } of this.staged) {
      await rm(previous, { force: true });
      const kept = await linkIfPresent(target, previous);
      this.replaced.push({ target, previous: kept ? previous : undefined });
      if (kept) await dateAfter(next, previous);
      await rename(next, target);
    }
    await this.syncFolders();
  }

  /** May be called at any time; afterwards the targets are what they were at first. */
  async revert(): Promise<void> {
    for (const { target, previous } of this.replaced.splice(0).reverse()) {
      if (previous === undefined) await rm(target, { force: true });
      else await rename(previous, target);
    }
    for (const { next } of this.staged) await rm(next, { force: true });
    await this.syncFolders();
    this.staged.length = 0;
  }

  async settle(): Promise<void> {
    for (const { previous } of this.staged) await rm(previous, { force: true });
  }

  private async prepare(target: string) {
    const folder = dirname(target);
    await mkdir(folder, { recursive: true, mode: 0o755 });
    const entry = {
      target,
      next: join(folder, `.${basename(target)}.next`),
      previous: join(folder, `.${basename(target)}.previous`),
    };
    await rm(entry.next, { force: true });
    this.staged.push(entry);
    return entry;
  }

  private async syncFolders(): Promise<void> {
    const folders = new Set(this.staged.map(({ target }) => dirname(target)));
    await allDone([...folders].map(syncFolder));
  }
}

/**
 * HTTP knows files by the second they were changed in: a client that has the one would be told that the
 * other, of the same second, is the same.
 */
async function dateAfter(next: string, previous: string): Promise<void> {
  const [coming, old] = await Promise.all([stat(next), stat(previous)]);
  const earliest = Math.floor(old.mtimeMs / 1000) + 1;
  if (coming.ino === old.ino || coming.mtimeMs / 1000 >= earliest) return;
  await utimes(next, earliest, earliest);
}

/** Waits for all, and then throws the first fault: nothing goes on behind the back of who tidies up. */
export async function allDone(work: readonly Promise<unknown>[]): Promise<void> {
  const settled = await Promise.allSettled(work);
  const failed = settled.find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
}

/** Written in full and on disk when this resolves. Registries are public: readable by all. */
export async function writeDurably(path: string, content: string | Buffer): Promise<void> {
  const handle = await open(path, 'w', 0o644);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes names created or renamed in a folder survive a power failure. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function linkIfPresent(existing: string, name: string): Promise<boolean> {
  try {
    await link(existing, name);
    return true;
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw fault;
  }
}
