import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { commandFailed, faultOf, type Explain } from '@fatbuildr/builds';
import type { Command, ImageDescription, RunningContainer } from '@fatbuildr/containers';
import { aptCommand, DependencyLayers } from '@fatbuildr/images';
import type { Instance, Pipeline } from '@fatbuildr/instances';
import { SCRATCH, type TaskContext } from '@fatbuildr/tasks';
import { AptRegistry, type AptSource } from '../registry/apt-registry';
import { aptInstall, explainMissing } from './apt-install';
import { unmetDependencies } from './builder.errors';
import { mentionedPackages } from './control';
import { aptPreferences, aptSources, relevantPackages } from './own-registry';
import { parseUnmetDependencies } from './unmet-dependencies';

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
  /** What is needed: the relations of a source package, or names of packages. */
  dependencies: readonly string[];
  /** The source package; without it `dependencies` are what a prescript needs. */
  source?:
    | {
        /** Path of its description. */
        dsc: string;
        withIndependent: boolean;
      }
    | undefined;
}

/** Environments with what a deb source package, or a prescript, needs. */
@Injectable()
export class BuildLayers {
  constructor(
    private readonly layers: DependencyLayers,
    private readonly registry: AptRegistry,
  ) {}

  /**
   * @returns name of an image with the dependencies
   * @throws FatbuildrError `DEB.UNMET_BUILD_DEPENDENCIES`, `DEB.PRESCRIPT_DEPENDENCIES` naming those that cannot be
   *   installed
   */
  async ensure(request: LayerRequest): Promise<string> {
    const { context, dependencies, environment, instance, derivative, pipeline } = request;
    const { architecture, source } = request;
    if (dependencies.length === 0) return environment.name;
    const own = await this.registry.sourceFor(instance, pipeline.distribution, derivative);
    const folder = join(context.workspace, SCRATCH, `dependencies-${architecture}`);
    await writeRequest(folder, request, own);
    // The derivatives whose packages may be in the layer, with their distribution.
    const chain = [pipeline.distribution, ...instance.recursiveDerivatives(derivative)];
    try {
      return await this.layers.ensure({
        ...{ context, instance, environment },
        key: [architecture, source?.withIndependent ?? 'prescript', dependencies, chain],
        mounts: [
          { source: folder, target: MOUNTS.request, readOnly: true },
          ...(own ? [{ source: own.folder, target: MOUNTS.registry, readOnly: true }] : []),
        ],
        relevant: (installed) => {
          const names = new Set([...installed, ...mentionedPackages(dependencies)]);
          return relevantPackages(own, architecture, names);
        },
        install: async (container) => {
          await installIn(container, request, own !== undefined);
          return installedPackages(container, context);
        },
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
}

async function writeRequest(
  folder: string,
  { source, instance }: LayerRequest,
  own: AptSource | undefined,
): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o755 });
  if (source) await copyFile(source.dsc, join(folder, 'source.dsc'));
  if (!own) return;
  const mount = {
    folder: MOUNTS.registry,
    keyring: `${MOUNTS.registry}/${basename(own.keyring)}`,
  };
  await writeFile(join(folder, 'sources'), aptSources(own, mount));
  await writeFile(join(folder, 'preferences'), aptPreferences(own, instance.name));
}

async function installIn(
  container: RunningContainer,
  request: LayerRequest,
  own: boolean,
): Promise<void> {
  const { context } = request;
  const explain = request.source
    ? explainUnmet(request.artifact)
    : explainMissing(request.artifact);
  const execute = async (command: Command) => {
    const fault = await faultOf(container, command, context, explain);
    if (fault) throw fault;
  };
  const ownSources = '/etc/apt/sources.list.d/fatbuildr.sources';
  const ownPreferences = '/etc/apt/preferences.d/fatbuildr';
  if (own) {
    await execute({ argv: ['cp', `${MOUNTS.request}/sources`, ownSources] });
    await execute({ argv: ['cp', `${MOUNTS.request}/preferences`, ownPreferences] });
  }
  await execute(aptCommand('update'));
  await execute(installCommand(request));
  // The layer keeps what was installed, not where it came from.
  if (own) await execute({ argv: ['rm', ownSources, ownPreferences] });
  await execute(aptCommand('clean'));
  await execute({ argv: ['find', '/var/lib/apt/lists', '-mindepth', '1', '-delete'] });
}

/** Why apt-get did not install build dependencies, from what it printed. */
function explainUnmet(artifact: string): Explain {
  return (printed) => {
    const unmet = parseUnmetDependencies(printed);
    return unmet.length > 0 ? unmetDependencies(artifact, unmet) : undefined;
  };
}

function installCommand({ dependencies, source }: LayerRequest): Command {
  if (source === undefined) return aptInstall(dependencies);
  const options = source.withIndependent ? [] : ['--arch-only'];
  const dsc = `${MOUNTS.request}/source.dsc`;
  return aptCommand('build-dep', '--no-install-recommends', ...options, dsc);
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
