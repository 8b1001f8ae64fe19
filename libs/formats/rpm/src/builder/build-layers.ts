import { mkdir, copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { commandFailed, faultOf, type BinaryRequest, type Explain } from '@fatbuildr/builds';
import type { ArgumentVector, RunningContainer } from '@fatbuildr/containers';
import { DependencyLayers, environmentImageName, ImagesService } from '@fatbuildr/images';
import { removeTree } from '@fatbuildr/processes';
import { SCRATCH, type TaskContext } from '@fatbuildr/tasks';
import { DNF_FOLDER, repositoryFile } from '../environment/dnf-configuration';
import { dnfCommand } from '../environment/dnf-environment';
import { DnfRegistry } from '../registry/dnf-registry';
import { ownRepositories } from './own-registry';
import { relevantPackages } from './relevant-packages';
import { installCommands } from './prescript-packages';
import { explainBuilddep, explainInstall } from './rpmbuild-output';
import { readSourceHeader } from './source-header';

/** Folders that are empty in every root: mounting on them leaves no trace in the layer. */
const MOUNTS = { request: '/mnt', registry: '/media' } as const;
const SOURCE = 'source.src.rpm';
const KEY = 'own.asc';
// The layer keeps what was installed, not where it came from.
const REPOSITORIES = `--setopt=reposdir=${DNF_FOLDER}/repositories,${MOUNTS.request}`;

/** What a layer is for. */
export type LayerRequest = Pick<
  BinaryRequest,
  'architecture' | 'artifact' | 'context' | 'derivative' | 'instance' | 'pipeline'
>;

/** What is installed in a layer. */
interface Wanted {
  /** What decides it, besides the repositories. */
  key: unknown;
  /** Packages it is about. */
  names: readonly string[];
  /** Path of the source package that says the same to dnf. */
  source?: string;
  commands: readonly ArgumentVector[];
  explain: Explain;
}

/** Environments with what a source package, or a prescript, needs. */
@Injectable()
export class BuildLayers {
  constructor(
    private readonly layers: DependencyLayers,
    private readonly images: ImagesService,
    private readonly registry: DnfRegistry,
  ) {}

  /**
   * @param source path of the source package
   * @returns name of an image with the build dependencies
   * @throws FatbuildrError `RPM.UNMET_BUILD_DEPENDENCIES` naming those that cannot be installed
   */
  async ensure(request: LayerRequest, source: string): Promise<string> {
    const { dependencies } = await readSourceHeader(source);
    return this.with(request, {
      ...{ key: dependencies, names: dependencies.map(({ name }) => name), source },
      commands: [dnfCommand(REPOSITORIES, 'builddep', `${MOUNTS.request}/${SOURCE}`)],
      explain: explainBuilddep(request.artifact),
    });
  }

  /**
   * @param packages names, and modules as `module:NAME:STREAM`
   * @returns name of an image with the packages
   * @throws FatbuildrError `RPM.PRESCRIPT_DEPENDENCIES` naming those that cannot be installed
   */
  async withPackages(request: LayerRequest, packages: readonly string[]): Promise<string> {
    return this.with(request, {
      ...{ key: ['prescript', packages], names: packages },
      commands: installCommands(packages).map(([act, ...args]) =>
        dnfCommand(REPOSITORIES, act, ...args),
      ),
      explain: explainInstall(request.artifact),
    });
  }

  private async with(
    request: LayerRequest,
    { key, names, source, commands, explain }: Wanted,
  ): Promise<string> {
    const { architecture, context, derivative, instance, pipeline } = request;
    const { format, environment = '' } = pipeline;
    const image = await this.images.requireEnvironment(instance, format, environment, architecture);
    const name = environmentImageName(instance.id, format, environment, architecture);
    if (names.length === 0) return name;
    const { distribution } = pipeline;
    const own = await this.registry.sourceFor(instance, distribution, derivative, architecture);
    const places = own?.repositories ?? [];
    const folder = join(context.workspace, SCRATCH, `dependencies-${architecture}`);
    await mkdir(folder, { recursive: true, mode: 0o755 });
    if (source !== undefined) await copyFile(source, join(folder, SOURCE));
    if (own) {
      const mount = { folder: MOUNTS.registry, key: `${MOUNTS.request}/${KEY}` };
      await copyFile(own.keyring, join(folder, KEY));
      await writeFile(join(folder, 'own.repo'), repositoryFile(ownRepositories(places, mount)));
    }
    try {
      return await this.layers.ensure({
        ...{ context, instance, environment: { name, image } },
        key: [key, distribution, ...instance.recursiveDerivatives(derivative)],
        mounts: [
          { source: folder, target: MOUNTS.request, readOnly: true },
          ...(own ? [{ source: own.folder, target: MOUNTS.registry, readOnly: true }] : []),
        ],
        relevant: (installed) => {
          return relevantPackages(
            places.map((place) => join(own?.folder ?? '', place)),
            new Set([...installed, ...names]),
          );
        },
        install: async (container) => {
          await install(container, commands, explain, context);
          return installedPackages(container, context);
        },
      });
    } finally {
      await removeTree(folder);
    }
  }
}

async function install(
  container: RunningContainer,
  commands: readonly ArgumentVector[],
  explain: Explain,
  context: TaskContext,
): Promise<void> {
  for (const argv of [...commands, dnfCommand('clean', 'all')]) {
    const fault = await faultOf(container, { argv }, context, explain);
    if (fault) throw fault;
  }
}

async function installedPackages(
  container: RunningContainer,
  { signal }: TaskContext,
): Promise<string[]> {
  let printed = '';
  const argv = ['rpm', '--query', '--all', '--queryformat', '%{NAME}\\n'] as const;
  const output = (chunk: Buffer) => (printed += chunk.toString('utf8'));
  const status = await container.exec({ argv }, { output, signal });
  if (status !== 0) throw commandFailed(argv.join(' '), status);
  return [...new Set(printed.split('\n').filter(Boolean))].sort();
}
