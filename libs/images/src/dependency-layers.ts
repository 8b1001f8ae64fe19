import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import {
  CONTAINER_ENGINE,
  LABELS,
  type ContainerEngine,
  type ImageDescription,
  type Mount,
  type RunningContainer,
} from '@fatbuildr/containers';
import type { Instance } from '@fatbuildr/instances';
import type { TaskContext, TaskJournal } from '@fatbuildr/tasks';
import { PACKAGING_CAPABILITIES } from './packaging-capabilities';
import { removeUnused } from './replace-image';
import { Turns } from './turns';

const LAYER_LABELS = {
  /** Image name of the environment the layer is on. */
  environment: 'org.rackslab.fatbuildr.layer.environment',
  /** Image id of that environment. */
  base: 'org.rackslab.fatbuildr.layer.base',
  /** Digest of the packages of the own registry that matter to the layer. */
  own: 'org.rackslab.fatbuildr.layer.own',
  /** Names of the installed packages. */
  installed: 'org.rackslab.fatbuildr.layer.installed',
} as const;

/** How many layers are kept on one environment; those that were used longest ago go first. */
const KEPT_LAYERS = 20;

export interface LayerRequest {
  context: TaskContext;
  instance: Instance;
  /** The environment, by its image. */
  environment: { name: string; image: Pick<ImageDescription, 'id'> };
  /** All that decides the content, except for the environment and packages of the own registry. */
  key: readonly unknown[];
  mounts: readonly Mount[];
  /**
   * Digest of those packages of the own registry that the layer could contain.
   *
   * @param installed names of the packages in the layer
   */
  relevant(installed: readonly string[]): Promise<string>;
  /** Installs in a container of the environment, with network; @returns names of all packages in it */
  install(container: RunningContainer): Promise<readonly string[]>;
}

/**
 * Environments with build dependencies installed. A layer is kept as an image and used again as long as
 * the environment, the dependencies and those packages of the instance's registry that it could contain
 * are the same.
 */
@Injectable()
export class DependencyLayers {
  private readonly turns = new Turns();
  /** When each layer was last asked for, by its name: milliseconds since the epoch. */
  private readonly used = new Map<string, number>();

  constructor(@Inject(CONTAINER_ENGINE) private readonly engine: ContainerEngine) {}

  /** @returns name of an image with the build dependencies */
  async ensure(request: LayerRequest): Promise<string> {
    const name = layerName(request);
    this.used.set(name, Date.now());
    // Builds that need the same layer wait for it instead of making it twice.
    return this.turns.take(name, request.context.signal, () => this.ensureAlone(request, name));
  }

  private async ensureAlone(request: LayerRequest, name: string): Promise<string> {
    const { journal } = request.context;
    const existing = await this.engine.inspectImage(name);
    if (existing && (await isValid(existing, request))) {
      journal.log('info', 'Build dependencies are installed already');
      return name;
    }
    await this.install(request, name);
    if (existing) await removeUnused(this.engine, existing.id, journal);
    await this.prune(request);
    return name;
  }

  /** Removes the layers of an environment that was made anew. */
  async forget(
    instance: Instance,
    environment: string,
    base: string,
    journal: TaskJournal,
  ): Promise<void> {
    for (const layer of await this.list(instance, environment)) {
      if (layer.labels[LAYER_LABELS.base] !== base)
        await removeUnused(this.engine, layer.id, journal);
    }
  }

  private async install(request: LayerRequest, name: string): Promise<void> {
    const { context, environment, instance, mounts } = request;
    const container = await this.engine.start({
      image: environment.name,
      owner: { instance: instance.id, task: context.task.id },
      network: 'host',
      capabilities: PACKAGING_CAPABILITIES,
      mounts,
    });
    try {
      const installed = await request.install(container);
      await container.commit({
        name,
        labels: {
          [LABELS.instance]: instance.id,
          [LABELS.task]: context.task.id,
          [LAYER_LABELS.environment]: environment.name,
          [LAYER_LABELS.base]: environment.image.id,
          [LAYER_LABELS.own]: await request.relevant(installed),
          [LAYER_LABELS.installed]: installed.join(' '),
        },
      });
    } finally {
      await container.remove();
    }
  }

  private async prune({ instance, environment, context }: LayerRequest): Promise<void> {
    const layers = await this.list(instance, environment.name);
    const lastUse = ({ names, created }: ImageDescription) =>
      Math.max(created.getTime(), ...names.map((name) => this.used.get(name) ?? 0));
    layers.sort((a, b) => lastUse(b) - lastUse(a));
    for (const layer of layers.slice(KEPT_LAYERS)) {
      for (const name of layer.names) this.used.delete(name);
      await removeUnused(this.engine, layer.id, context.journal);
    }
  }

  private list(instance: Instance, environment: string): Promise<ImageDescription[]> {
    return this.engine.listImages({
      [LABELS.instance]: instance.id,
      [LAYER_LABELS.environment]: environment,
    });
  }
}

async function isValid(layer: ImageDescription, request: LayerRequest): Promise<boolean> {
  const installed = (layer.labels[LAYER_LABELS.installed] ?? '').split(' ').filter(Boolean);
  return (await request.relevant(installed)) === layer.labels[LAYER_LABELS.own];
}

/** Named after everything that decides its content, except for the packages of the own registry. */
function layerName({ environment, key }: LayerRequest): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([environment.image.id, ...key]))
    .digest('hex')
    .slice(0, 32);
  return `${environment.name.replace(/:latest$/, '')}/layer:${digest}`;
}
