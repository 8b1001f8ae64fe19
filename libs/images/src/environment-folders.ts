import { randomUUID } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, rename, stat } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import type { Configuration } from '@fatbuildr/config';
import type { ImageDescription, RunningContainer } from '@fatbuildr/containers';
import { removeTree, run } from '@fatbuildr/processes';
import writeFileAtomic from 'write-file-atomic';
import type { EnvironmentPlace } from './environment-tool.port';
import { pathComponent } from './image-names';
import { toolMissing } from './images.errors';

/** An environment that is a folder; its id is the path of its root, below the volume. */
export interface FolderEnvironment extends ImageDescription {
  /** Digest of all it was made from. */
  recipe: string;
}

/** What is noted of an environment beside its root. */
interface Note {
  root: string;
  recipe: string;
  /** Milliseconds since the epoch. */
  created: number;
  /** Bytes. */
  size: number;
}

/** Below the volume: what tasks are working on, one folder for each. */
const TASKS = 'tasks';

/**
 * Environments of a tool that keeps them in folders instead of images:
 *
 *     <images.storage>/<instance>/<format>/<tool>/
 *       <environment>-<architecture>.json   that it exists, and which root is the current one
 *       volume/                             what containers of the tool see, closed to others
 *         <environment>-<architecture>/     its roots and the tool's caches
 *         tasks/<task>-<…>/                 unfinished roots, copies for builds and shells
 *
 * The volume is mounted as a whole: files are linked only within one mount.
 */
export class EnvironmentFolders {
  constructor(
    private readonly configuration: Configuration,
    private readonly format: string,
    private readonly tool: string,
  ) {}

  /** The folder that containers mount. */
  async volume(instance: string): Promise<string> {
    const volume = join(this.place(instance), 'volume');
    await mkdir(volume, { recursive: true, mode: 0o755 });
    // Roots hold programs that change their user, which nobody on the host should find.
    await chmod(volume, 0o700);
    return volume;
  }

  /** What is kept of one environment, below the volume. */
  kept(place: EnvironmentPlace): string {
    return nameOf(place);
  }

  async find(place: EnvironmentPlace): Promise<FolderEnvironment | undefined> {
    let note: Note;
    try {
      note = JSON.parse(await readFile(this.note(place), 'utf8')) as Note;
    } catch (fault) {
      if ((fault as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw fault;
    }
    const { root, recipe, size } = note;
    return { id: root, recipe, names: [], created: new Date(note.created), size, labels: {} };
  }

  /**
   * Makes a finished root the one of the environment, in one step, and removes the former.
   *
   * @param root absolute path below the volume, on the host
   */
  async replace(place: EnvironmentPlace, root: string, recipe: string): Promise<ImageDescription> {
    const volume = await this.volume(place.instance.id);
    const kept = join(volume, this.kept(place));
    const target = join(kept, `root-${randomUUID()}`);
    await mkdir(kept, { recursive: true });
    await rename(root, target);
    const { stdout } = await run(['du', '--summarize', '--block-size=1', target]);
    const note: Note = {
      root: relative(volume, target),
      ...{ recipe, created: Date.now(), size: parseInt(stdout.toString('utf8'), 10) },
    };
    await writeFileAtomic(this.note(place), JSON.stringify(note), { mode: 0o644 });
    for (const name of await readdir(kept)) {
      if (name.startsWith('root-') && name !== basename(target)) await removeTree(join(kept, name));
    }
    return (await this.find(place))!;
  }

  /** Work in a folder of the volume that is gone when it ends; @param work gets its path below the volume */
  async during<T>(
    instance: string,
    task: string,
    work: (folder: string, volume: string) => Promise<T>,
  ): Promise<T> {
    const volume = await this.volume(instance);
    const folder = join(TASKS, `${task}-${randomUUID()}`);
    await mkdir(join(volume, folder), { recursive: true });
    try {
      return await work(folder, volume);
    } finally {
      await removeTree(join(volume, folder));
    }
  }

  /** @throws FatbuildrError `IMAGES.TOOL_MISSING` when a container of the format image lacks the tool's program */
  async requireProgram(
    container: RunningContainer,
    instance: string,
    program: string,
  ): Promise<void> {
    const status = await container.exec({ argv: ['test', '-x', program] });
    if (status !== 0) throw toolMissing(instance, this.format, this.tool);
  }

  private place(instance: string): string {
    return join(this.configuration.images.storage, instance, this.format, this.tool);
  }

  private note(place: EnvironmentPlace): string {
    return join(this.place(place.instance.id), `${nameOf(place)}.json`);
  }
}

/**
 * Removes what tasks of a killed daemon left of environments in folders.
 *
 * @param before when this daemon began to work: what is newer is its own
 */
export async function removeUnfinished(
  { images }: Configuration,
  instance: string,
  before: Date,
): Promise<void> {
  for (const format of await list(join(images.storage, instance))) {
    for (const tool of await list(join(images.storage, instance, format))) {
      const tasks = join(images.storage, instance, format, tool, 'volume', TASKS);
      for (const name of await list(tasks)) {
        const folder = join(tasks, name);
        if ((await stat(folder)).mtime < before) await removeTree(folder);
      }
    }
  }
}

const nameOf = ({ environment, architecture }: EnvironmentPlace) =>
  pathComponent(`${environment}-${architecture}`);

/** Names of the folders in a folder, which may not be there. */
async function list(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw fault;
  }
}
