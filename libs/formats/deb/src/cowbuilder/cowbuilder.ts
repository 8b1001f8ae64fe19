import { mkdir, readdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '@fatbuildr/config';
import {
  CONTAINER_ENGINE,
  type ArgumentVector,
  type ContainerEngine,
  type Mount,
  type RunningContainer,
} from '@fatbuildr/containers';
import { EnvironmentFolders, formatImageName, type EnvironmentUse } from '@fatbuildr/images';

const FORMAT = 'deb';
export const TOOL = 'cowbuilder';
const PROGRAM = '/usr/sbin/cowbuilder';

/** Folders of the container. */
const VOLUME = '/var/cache/fatbuildr';
const DEFINITIONS = '/fatbuildr';

/** Printed by `hold.sh` when people may look around in the copy it runs in. */
export const HELD = 'fatbuildr: the environment is held for a shell';
/** The script, in the container. */
export const HOLD = `${DEFINITIONS}/hold.sh`;
/** In a copy; removed, the script ends. */
const HELD_FILE = 'run/fatbuildr-held';

/** A container with cowbuilder, and a folder of the volume for as long as it runs. */
export interface Session {
  readonly container: RunningContainer;
  /** The folder, on the host. */
  readonly folder: string;
  /** Where the container has a path of the volume, given from there or as the host has it. */
  inside(path: string): string;
  /** A command of cowbuilder on a root, given by its path in the container. */
  command(operation: string, root: string, ...args: readonly string[]): ArgumentVector;
  /** Where the container has the copy of the root that cowbuilder works on. */
  copy(): Promise<string>;
  /** Lets a copy go that `hold.sh` holds. */
  release(copy: string): Promise<void>;
}

/**
 * Runs cowbuilder in containers of the format image. They are privileged, as it mounts file systems and
 * changes roots; all it starts of what a definition brings it runs as the build account, in its copy.
 */
@Injectable()
export class Cowbuilder {
  readonly folders: EnvironmentFolders;

  constructor(
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    @Inject(CONTAINER_ENGINE) private readonly engine: ContainerEngine,
  ) {
    this.folders = new EnvironmentFolders(configuration, FORMAT, TOOL);
  }

  /** @throws FatbuildrError `IMAGES.TOOL_MISSING` */
  async use<T>(
    request: EnvironmentUse & { mounts?: readonly Mount[] },
    work: (session: Session) => Promise<T>,
  ): Promise<T> {
    const { context, instance, mounts = [] } = request;
    const definitions = join(this.configuration.images.defs, FORMAT, TOOL);
    return this.folders.during(instance.id, context.task.id, async (scratch, volume) => {
      const folder = join(volume, scratch);
      const cache = join(this.folders.kept(request), 'aptcache');
      await mkdir(join(folder, 'build'));
      await mkdir(join(volume, cache), { recursive: true });
      const container = await this.engine.start({
        image: formatImageName(instance.id, FORMAT),
        owner: { instance: instance.id, task: context.task.id },
        network: 'host',
        privileged: true,
        environment: {
          HOME: '/root',
          DEB_BUILD_OPTIONS: `parallel=${availableParallelism()}`,
        },
        mounts: [
          { source: volume, target: VOLUME },
          { source: definitions, target: DEFINITIONS, readOnly: true },
          { source: join(definitions, 'pbuilderrc'), target: '/etc/pbuilderrc', readOnly: true },
          ...mounts,
        ],
      });
      try {
        await this.folders.requireProgram(container, instance.id, PROGRAM);
        const inside = (path: string) => join(VOLUME, path.replace(`${volume}/`, ''));
        return await work({
          ...{ container, folder, inside },
          command: (operation, root, ...args) => [
            ...(['cowbuilder', operation, '--basepath', root] as const),
            ...['--buildplace', inside(join(folder, 'build')), '--aptcache', inside(cache)],
            ...args,
          ],
          copy: async () => {
            const [name = ''] = await readdir(join(folder, 'build'));
            return inside(join(folder, 'build', name));
          },
          release: async (copy) => {
            await container.exec({ argv: ['rm', '-f', join(copy, HELD_FILE)] });
          },
        });
      } finally {
        await container.remove();
      }
    });
  }
}
