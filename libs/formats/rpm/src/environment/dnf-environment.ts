import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '@fatbuildr/config';
import { CONTAINER_ENGINE, type ContainerEngine } from '@fatbuildr/containers';
import {
  BOOTSTRAP_MOUNTS,
  BOOTSTRAP_TARGET,
  BUILD_ACCOUNT,
  DependencyLayers,
  ImageEnvironment,
  PACKAGING_CAPABILITIES,
  recipeDigest,
  type EnvironmentRequest,
} from '@fatbuildr/images';
import { removeTree } from '@fatbuildr/processes';
import { SCRATCH } from '@fatbuildr/tasks';
import { DNF_FOLDER, dnfConfiguration, releaseOf, repositoryFile } from './dnf-configuration';
import { environmentPlan, warnOfNoKeys } from './environment-plan';

/** Script that makes the root. */
const MAKE = 'make-environment.sh';
/** The configuration of dnf in the container that makes the root. */
const CONFIGURATION_MOUNT = '/mnt';

/** Environments made by `dnf --installroot` inside the format image. */
@Injectable()
export class DnfEnvironment extends ImageEnvironment {
  readonly format = 'rpm';

  constructor(
    @Inject(CONFIGURATION) configuration: Configuration,
    @Inject(CONTAINER_ENGINE) engine: ContainerEngine,
    layers: DependencyLayers,
  ) {
    super(configuration, engine, layers);
  }

  protected async recipe(request: EnvironmentRequest): Promise<string> {
    const { repositories, keys, modules, packages } = await environmentPlan(
      request,
      this.configuration,
      `${DNF_FOLDER}/keys`,
    );
    const make = await readFile(join(this.definitions, MAKE), 'utf8');
    return recipeDigest(repositories, [...keys], modules, packages, make, BUILD_ACCOUNT);
  }

  protected async bootstrap(request: EnvironmentRequest): Promise<void> {
    const { context, environment } = request;
    const { repositories, keys, modules, packages } = await environmentPlan(
      request,
      this.configuration,
      `${DNF_FOLDER}/keys`,
    );
    if (keys.size === 0) warnOfNoKeys(request);
    const folder = join(context.workspace, SCRATCH, 'dnf');
    await mkdir(join(folder, 'keys'), { recursive: true });
    for (const [name, key] of keys) await writeFile(join(folder, 'keys', name), key);
    await mkdir(join(folder, 'repositories'));
    await writeFile(join(folder, 'repositories', 'environment.repo'), repositoryFile(repositories));
    await writeFile(join(folder, 'dnf.conf'), dnfConfiguration(`${DNF_FOLDER}/repositories`));
    const { name, id } = BUILD_ACCOUNT;
    await this.bootstrapIn(request, {
      argv: [
        ...(['sh', `${BOOTSTRAP_MOUNTS.definitions}/${MAKE}`] as const),
        ...[BOOTSTRAP_TARGET, CONFIGURATION_MOUNT, name, String(id), releaseOf(environment)],
        ...[modules.join(' '), ...packages],
      ],
      // For the devices that scripts of packages expect.
      capabilities: [...PACKAGING_CAPABILITIES, 'MKNOD'],
      mounts: [{ source: folder, target: CONFIGURATION_MOUNT, readOnly: true }],
    });
    await removeTree(folder);
  }

  protected async isUpToDate({ name, context }: EnvironmentRequest): Promise<boolean> {
    const status = await this.engine.run(
      {
        image: name,
        owner: { instance: context.task.instance, task: context.task.id },
        network: 'host',
        capabilities: PACKAGING_CAPABILITIES,
        argv: dnfCommand('check-update', '--refresh'),
      },
      { output: (chunk) => context.journal.output(chunk), signal: context.signal },
    );
    // 100 when there are updates; whatever else went wrong, a root that is made anew says it better.
    return status === 0;
  }
}

/** A dnf command in an environment, that asks nobody anything and knows our repositories alone. */
export function dnfCommand(...args: readonly [string, ...string[]]) {
  return [
    'dnf',
    `--config=${DNF_FOLDER}/dnf.conf`,
    // It keeps packages, which nobody asked for here.
    '--disableplugin=local',
    '--setopt=install_weak_deps=False',
    '--assumeyes',
    ...args,
  ] as const;
}
