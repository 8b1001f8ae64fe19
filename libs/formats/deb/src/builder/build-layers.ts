import { createHash } from 'node:crypto';
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import {
  CONTAINER_ENGINE,
  LABELS,
  type ContainerEngine,
  type ImageDescription,
  type RunningContainer,
} from '@fatbuildr/containers';
import type { Instance, Pipeline } from '@fatbuildr/instances';
import { SCRATCH, type TaskContext, type TaskJournal } from '@fatbuildr/tasks';
import { APT_CAPABILITIES, aptCommand } from '../environment/apt-in-container';
import { removeUnused } from '../environment/replace-image';
import { AptRegistry, type AptSource } from '../registry/apt-registry';
import { failureOf } from './build-command';
import { commandFailed, unmetDependencies } from './builder.errors';
import { mentionedPackages } from './control';
import { aptPreferences, aptSources, relevantPackages } from './own-registry';
import { Turns } from './turns';
import { parseUnmetDependencies } from './unmet-dependencies';

const LAYER_LABELS = {
  /** Image name of the environment the layer is on. */
  environment: 'org.rackslab.fatbuildr.deb.layer.environment',
  /** Image id of that environment. */
  base: 'org.rackslab.fatbuildr.deb.layer.base',
  /** Digest of the packages of the own registry that matter to the layer. */
  own: 'org.rackslab.fatbuildr.deb.layer.own',
  /** Names of the installed packages. */
  installed: 'org.rackslab.fatbuildr.deb.layer.installed',
} as const;

/** Characters of what a command printed last that are searched for why it failed. */
const KEPT_OUTPUT = 1024 * 1024;

/** How many layers are kept on one environment; those that were used longest ago go first. */
const KEPT_LAYERS = 20;

/** Folders that are empty in every Debian root: mounting on them leaves no trace in the layer. */
const MOUNTS = { request: '/mnt', registry: '/media' } as const;

export interface LayerRequest {
  context: TaskContext;
  instance: Instance;
  pipeline: Pipeline;
  derivative: string;
  artifact: string;
  /** The environment, by its image. */
  environment: { name: string; image: ImageDescription };
  /** Debian's name. */
  architecture: string;
  /** Path of the source's description. */
  dsc: string;
  /** Fields of the description that say what is needed to build. */
  dependencies: readonly string[];
  withIndependent: boolean;
}

/**
 * Environments with build dependencies installed. A layer is kept as an image and used again as long as
 * the environment, the dependencies and those packages of the instance's registry that it could contain
 * are the same.
 */
@Injectable()
export class BuildLayers {
  private readonly turns = new Turns();
  /** When each layer was last asked for, by its name: milliseconds since the epoch. */
  private readonly used = new Map<string, number>();

  constructor(
    @Inject(CONTAINER_ENGINE) private readonly engine: ContainerEngine,
    private readonly registry: AptRegistry,
  ) {}

  /**
   * @returns name of an image with the build dependencies
   * @throws FatbuildrError `DEB.UNMET_BUILD_DEPENDENCIES` naming those that cannot be installed
   */
  async ensure(request: LayerRequest): Promise<string> {
    const { context, dependencies, environment } = request;
    if (dependencies.length === 0) return environment.name;
    const name = layerName(request, instanceChain(request));
    this.used.set(name, Date.now());
    // Builds that need the same layer wait for it instead of making it twice.
    return this.turns.take(name, context.signal, () => this.ensureAlone(request, name));
  }

  private async ensureAlone(request: LayerRequest, name: string): Promise<string> {
    const { context } = request;
    const own = await this.registry.sourceFor(
      request.instance,
      request.pipeline.distribution,
      request.derivative,
    );
    const existing = await this.engine.inspectImage(name);
    if (existing && (await this.isValid(existing, request, own))) {
      context.journal.log('info', 'Build dependencies are installed already');
      return name;
    }
    await this.install(request, name, own);
    if (existing) await removeUnused(this.engine, existing.id, context.journal);
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

  private async isValid(
    layer: ImageDescription,
    request: LayerRequest,
    own: AptSource | undefined,
  ): Promise<boolean> {
    const installed = (layer.labels[LAYER_LABELS.installed] ?? '').split(' ');
    const relevant = await relevantNow(request, own, installed);
    return relevant === layer.labels[LAYER_LABELS.own];
  }

  private async install(
    request: LayerRequest,
    name: string,
    own: AptSource | undefined,
  ): Promise<void> {
    const { context, environment, instance } = request;
    const folder = join(context.workspace, SCRATCH, 'dependencies');
    await mkdir(folder, { recursive: true, mode: 0o755 });
    await copyFile(request.dsc, join(folder, 'source.dsc'));
    if (own) {
      const mount = {
        folder: MOUNTS.registry,
        keyring: `${MOUNTS.registry}/${basename(own.keyring)}`,
      };
      await writeFile(join(folder, 'sources'), aptSources(own, mount));
      await writeFile(join(folder, 'preferences'), aptPreferences(own, instance.name));
    }
    const container = await this.engine.start({
      image: environment.name,
      owner: { instance: instance.id, task: context.task.id },
      network: 'host',
      capabilities: APT_CAPABILITIES,
      mounts: [
        { source: folder, target: MOUNTS.request, readOnly: true },
        ...(own ? [{ source: own.folder, target: MOUNTS.registry, readOnly: true }] : []),
      ],
    });
    try {
      await this.installIn(container, request, own !== undefined);
      const installed = await installedPackages(container, context);
      await container.commit({
        name,
        labels: {
          [LABELS.instance]: instance.id,
          [LABELS.task]: context.task.id,
          [LAYER_LABELS.environment]: environment.name,
          [LAYER_LABELS.base]: environment.image.id,
          [LAYER_LABELS.own]: await relevantNow(request, own, installed),
          [LAYER_LABELS.installed]: installed.join(' '),
        },
      });
    } finally {
      await container.remove();
      await rm(folder, { recursive: true, force: true });
    }
  }

  private async installIn(
    container: RunningContainer,
    { context, artifact, withIndependent }: LayerRequest,
    own: boolean,
  ): Promise<void> {
    const { journal, signal } = context;
    let printed = '';
    const execute = async (command: { argv: readonly [string, ...string[]] }) => {
      printed = '';
      const status = await container.exec(command, {
        output: (chunk) => {
          journal.output(chunk);
          printed = (printed + chunk.toString('utf8')).slice(-KEPT_OUTPUT);
        },
        signal,
      });
      if (status === 0) return;
      const unmet = parseUnmetDependencies(printed);
      if (unmet.length > 0) throw unmetDependencies(artifact, unmet);
      throw await failureOf(container, command.argv, status, context.workspace);
    };
    const ownSources = '/etc/apt/sources.list.d/fatbuildr.sources';
    const ownPreferences = '/etc/apt/preferences.d/fatbuildr';
    if (own) {
      await execute({ argv: ['cp', `${MOUNTS.request}/sources`, ownSources] });
      await execute({ argv: ['cp', `${MOUNTS.request}/preferences`, ownPreferences] });
    }
    await execute(aptCommand('update'));
    await execute(
      aptCommand(
        'build-dep',
        '--no-install-recommends',
        ...(withIndependent ? [] : ['--arch-only']),
        `${MOUNTS.request}/source.dsc`,
      ),
    );
    // The layer keeps what was installed, not where it came from.
    if (own) await execute({ argv: ['rm', ownSources, ownPreferences] });
    await execute(aptCommand('clean'));
    await execute({ argv: ['find', '/var/lib/apt/lists', '-mindepth', '1', '-delete'] });
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

/** The derivatives whose packages may be in the layer, with their distribution. */
function instanceChain({ instance, derivative, pipeline }: LayerRequest): string[] {
  return [pipeline.distribution, ...instance.recursiveDerivatives(derivative)];
}

/** Named after everything that decides its content, except for the packages of the own registry. */
function layerName(
  { environment, dependencies, withIndependent, architecture }: LayerRequest,
  chain: readonly string[],
): string {
  const key = createHash('sha256')
    .update(
      JSON.stringify([environment.image.id, architecture, withIndependent, dependencies, chain]),
    )
    .digest('hex')
    .slice(0, 32);
  return `${environment.name.replace(/:latest$/, '')}/layer:${key}`;
}

function relevantNow(
  { dependencies, architecture }: LayerRequest,
  own: AptSource | undefined,
  installed: readonly string[],
): Promise<string> {
  const names = new Set([...installed, ...mentionedPackages(dependencies)]);
  return relevantPackages(own, architecture, names);
}

async function installedPackages(
  container: RunningContainer,
  { signal }: TaskContext,
): Promise<string[]> {
  let printed = '';
  const argv = ['dpkg-query', '--show', '--showformat=${Package}\\n'] as const;
  const status = await container.exec(
    { argv },
    { output: (chunk) => (printed += chunk.toString('utf8')), signal },
  );
  if (status !== 0) throw commandFailed(argv.join(' '), status);
  return [...new Set(printed.split('\n').filter(Boolean))].sort();
}
