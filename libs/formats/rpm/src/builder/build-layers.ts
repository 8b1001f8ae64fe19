import { mkdir, copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { commandFailed, faultOf, type BinaryRequest } from '@fatbuildr/builds';
import type { ArgumentVector, RunningContainer } from '@fatbuildr/containers';
import { DependencyLayers, environmentImageName, ImagesService } from '@fatbuildr/images';
import { removeTree } from '@fatbuildr/processes';
import { SCRATCH, type TaskContext } from '@fatbuildr/tasks';
import { DNF_FOLDER, repositoryFile } from '../environment/dnf-configuration';
import { dnfCommand } from '../environment/dnf-environment';
import { DnfRegistry } from '../registry/dnf-registry';
import { ownRepositories } from './own-registry';
import { relevantPackages } from './relevant-packages';
import { explainBuilddep } from './rpmbuild-output';
import { readSourceHeader } from './source-header';

/** Folders that are empty in every root: mounting on them leaves no trace in the layer. */
const MOUNTS = { request: '/mnt', registry: '/media' } as const;
const SOURCE = 'source.src.rpm';
const KEY = 'own.asc';

/** Environments with the build dependencies of a source package. */
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
  async ensure(request: BinaryRequest, source: string): Promise<string> {
    const { architecture, artifact, context, derivative, instance, pipeline } = request;
    const { format, environment = '' } = pipeline;
    const image = await this.images.requireEnvironment(instance, format, environment, architecture);
    const name = environmentImageName(instance.id, format, environment, architecture);
    const { dependencies } = await readSourceHeader(source);
    if (dependencies.length === 0) return name;
    const { distribution } = pipeline;
    const own = await this.registry.sourceFor(instance, distribution, derivative, architecture);
    const places = own?.repositories ?? [];
    const folder = join(context.workspace, SCRATCH, `dependencies-${architecture}`);
    await mkdir(folder, { recursive: true, mode: 0o755 });
    await copyFile(source, join(folder, SOURCE));
    if (own) {
      const mount = { folder: MOUNTS.registry, key: `${MOUNTS.request}/${KEY}` };
      await copyFile(own.keyring, join(folder, KEY));
      await writeFile(join(folder, 'own.repo'), repositoryFile(ownRepositories(places, mount)));
    }
    try {
      return await this.layers.ensure({
        ...{ context, instance, environment: { name, image } },
        key: [dependencies, distribution, ...instance.recursiveDerivatives(derivative)],
        mounts: [
          { source: folder, target: MOUNTS.request, readOnly: true },
          ...(own ? [{ source: own.folder, target: MOUNTS.registry, readOnly: true }] : []),
        ],
        relevant: (installed) => {
          const names = new Set([...installed, ...dependencies.map((one) => one.name)]);
          return relevantPackages(
            places.map((place) => join(own?.folder ?? '', place)),
            names,
          );
        },
        install: async (container) => {
          await install(container, artifact, context);
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
  artifact: string,
  context: TaskContext,
): Promise<void> {
  const explain = explainBuilddep(artifact);
  // The layer keeps what was installed, not where it came from.
  const repositories = `--setopt=reposdir=${DNF_FOLDER}/repositories,${MOUNTS.request}`;
  const commands: ArgumentVector[] = [
    dnfCommand(repositories, 'builddep', `${MOUNTS.request}/${SOURCE}`),
    dnfCommand('clean', 'all'),
  ];
  for (const argv of commands) {
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
