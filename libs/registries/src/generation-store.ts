import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readlink,
  rename,
  rm,
  symlink,
} from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { syncFolder } from './staged-files';

/** A link to the generation being served. */
const CURRENT = 'current';

/**
 * Index files that contradict each other when they are replaced one after the other, as a text and its
 * signature do: each state of them is a folder, made beside the one being served and put in its place by one
 * rename. What clients read are links that lead through `current`.
 */
export class GenerationStore {
  /** @param home absolute path of the folder that holds the generations */
  constructor(protected readonly home: string) {}

  /** The name of the generation being served. */
  async currentName(): Promise<string | undefined> {
    return linkTarget(this.current);
  }

  /** @returns the absolute path of an empty folder; what a killed process left behind is removed */
  async create(): Promise<string> {
    await mkdir(this.home, { recursive: true, mode: 0o755 });
    await this.prune();
    const folder = await mkdtemp(join(this.home, 'generation-'));
    await chmod(folder, 0o755);
    return folder;
  }

  /** Serves another generation; `undefined`: none any more. */
  async serve(name: string | undefined): Promise<void> {
    if (name === undefined) {
      await rm(this.current, { force: true });
    } else {
      await replaceLink(this.current, name);
    }
    await syncFolder(this.home);
  }

  /** Removes all but what is served. */
  async prune(): Promise<void> {
    const kept = [CURRENT, await this.currentName()];
    for (const name of await readdir(this.home)) {
      if (!kept.includes(name)) await rm(join(this.home, name), { recursive: true, force: true });
    }
  }

  /** What is being served, as `read` has it; `undefined` when there is nothing, or nothing that can be read. */
  protected async readCurrent<T>(read: (folder: string) => Promise<T>): Promise<T | undefined> {
    try {
      return await read(join(this.home, await readlink(this.current)));
    } catch {
      // Missing or damaged: the caller writes a new one.
      return undefined;
    }
  }

  /** Where links to what is served lead through. */
  protected get current(): string {
    return join(this.home, CURRENT);
  }
}

/** Makes a link where there may be another one, or by hand a file or folder. */
export async function ensureLink(path: string, target: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  const isFolder = await lstat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (isFolder) await rm(path, { recursive: true });
  await replaceLink(path, target);
  await syncFolder(dirname(path));
}

/** `undefined` where there is no link. */
export async function linkTarget(path: string): Promise<string | undefined> {
  return readlink(path).catch(() => undefined);
}

async function replaceLink(path: string, target: string): Promise<void> {
  const next = join(dirname(path), `.${basename(path)}.next`);
  await rm(next, { force: true });
  await symlink(target, next);
  await rename(next, path);
}
