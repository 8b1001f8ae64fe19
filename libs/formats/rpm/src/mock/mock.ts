import { copyFile, mkdir, writeFile } from 'node:fs/promises';
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
import {
  BUILD_ACCOUNT,
  EnvironmentFolders,
  formatImageName,
  type EnvironmentRequest,
  type EnvironmentUse,
} from '@fatbuildr/images';
import type { TaskContext } from '@fatbuildr/tasks';
import { ownRepositories } from '../builder/own-registry';
import { releaseOf } from '../environment/dnf-configuration';
import { environmentPlan, type EnvironmentPlan } from '../environment/environment-plan';
import type { DnfSource } from '../registry/dnf-registry';
import { FOLDERS, mockConfiguration } from './mock-configuration';
import { mockFailed } from './mock.errors';

/** What of a request says which environment is meant, and for whom. */
export type MockRequest = EnvironmentUse & Pick<EnvironmentRequest, 'pipelines'>;

const FORMAT = 'rpm';
export const TOOL = 'mock';
const PROGRAM = '/usr/bin/mock';
const CONFIGURATION_FILE = 'environment.cfg';

/** Name of the registry's key beside those of the distributions. */
const OWN_KEY = 'fatbuildr-own.asc';

interface Use {
  /** What is kept of the environment, below the folder of the task; by default that of the existing one. */
  cache?: string;
  /** What the instance has published. */
  own?: DnfSource | undefined;
  mounts?: readonly Mount[];
  /** Folders of the host that the roots have as well. */
  bound?: readonly Mount[];
}

/** A container that is ready for mock. */
export interface Session {
  readonly container: RunningContainer;
  /** The folder of the task in the volume, on the host. */
  readonly folder: string;
  /** What the environment is to be made from. */
  readonly plan: EnvironmentPlan;
}

/** A command of mock on the environment it is configured for. */
export function mockCommand(...args: readonly string[]): ArgumentVector {
  return ['mock', `--root=${FOLDERS.configuration}/${CONFIGURATION_FILE}`, ...args];
}

/**
 * Runs mock in containers of the format image. They are privileged, as it mounts file systems and changes
 * roots; what a definition brings it runs as an account of the root, without network.
 */
@Injectable()
export class Mock {
  readonly folders: EnvironmentFolders;

  constructor(
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    @Inject(CONTAINER_ENGINE) private readonly engine: ContainerEngine,
  ) {
    this.folders = new EnvironmentFolders(configuration, FORMAT, TOOL);
  }

  /** @throws FatbuildrError `IMAGES.TOOL_MISSING`, `RPM.MOCK_FAILED` */
  async use<T>(
    request: MockRequest,
    { cache, own, mounts = [], bound = [] }: Use,
    work: (session: Session) => Promise<T>,
  ): Promise<T> {
    const { context, instance } = request;
    const existing = await this.folders.find(request);
    return this.folders.during(instance.id, context.task.id, async (scratch, volume) => {
      const folder = join(volume, scratch);
      const kept = cache === undefined ? join(volume, existing?.id ?? '') : join(folder, cache);
      await mkdir(kept, { recursive: true });
      const plan = await environmentPlan(request, this.configuration, FOLDERS.keys);
      const prepared = await this.prepare(request, plan, folder, own, bound);
      const { id, name } = BUILD_ACCOUNT;
      const container = await this.engine.start({
        image: formatImageName(instance.id, FORMAT),
        owner: { instance: instance.id, task: context.task.id },
        network: 'host',
        privileged: true,
        environment: {
          HOME: '/root',
          LC_ALL: 'C.UTF-8',
          PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
          // It refuses root, unless somebody else is behind it.
          SUDO_UID: String(id),
          SUDO_GID: String(id),
          SUDO_USER: name,
        },
        mounts: [...prepared, { source: kept, target: FOLDERS.cache }, ...mounts],
      });
      try {
        await this.folders.requireProgram(container, instance.id, PROGRAM);
        await makeReady(container, context);
        return await work({ container, folder, plan });
      } finally {
        await container.remove();
      }
    });
  }

  private async prepare(
    request: MockRequest,
    plan: EnvironmentPlan,
    folder: string,
    own: DnfSource | undefined,
    bound: readonly Mount[],
  ): Promise<Mount[]> {
    const { architecture, environment } = request;
    const roots = join(folder, 'roots');
    const configuration = join(folder, 'configuration');
    const keyFolder = join(folder, 'keys');
    for (const one of [roots, configuration, keyFolder]) await mkdir(one);
    for (const [name, key] of plan.keys) await writeFile(join(keyFolder, name), key);
    if (own) await copyFile(own.keyring, join(keyFolder, OWN_KEY));
    const text = mockConfiguration(
      plan,
      { name: this.folders.kept(request), architecture, release: releaseOf(environment) },
      ownRepositories(own?.repositories ?? [], {
        folder: FOLDERS.registry,
        key: `${FOLDERS.keys}/${OWN_KEY}`,
      }),
      bound.map(({ target }) => [FOLDERS.bound + target, target]),
    );
    await writeFile(join(configuration, CONFIGURATION_FILE), text);
    return [
      { source: roots, target: FOLDERS.roots },
      { source: configuration, target: FOLDERS.configuration, readOnly: true },
      { source: keyFolder, target: FOLDERS.keys, readOnly: true },
      ...(own ? [{ source: own.folder, target: FOLDERS.registry, readOnly: true }] : []),
      ...bound.map((mount) => ({ ...mount, target: FOLDERS.bound + mount.target })),
    ];
  }
}

/** Gives mock the account that builds, and the folders its group, as it wants them. */
async function makeReady(
  container: RunningContainer,
  { journal, signal }: TaskContext,
): Promise<void> {
  const { id, name } = BUILD_ACCOUNT;
  const folders = [FOLDERS.roots, FOLDERS.cache];
  const commands: ArgumentVector[] = [
    ['groupadd', '--gid', String(id), name],
    [
      ...(['useradd', '--uid', String(id), '--gid', String(id)] as const),
      ...['--groups', 'mock', '--no-create-home', name],
    ],
    ['chgrp', 'mock', ...folders],
    ['chmod', '2775', ...folders],
  ];
  for (const argv of commands) {
    const output = (chunk: Buffer) => journal.output(chunk);
    const status = await container.exec({ argv }, { output, signal });
    if (status !== 0) throw mockFailed(`be prepared by "${argv.join(' ')}"`, 50);
  }
}
