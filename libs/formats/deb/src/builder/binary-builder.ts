import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import {
  badResult,
  BUILD_FOLDER,
  cloneFile,
  collect,
  executeIn,
  findFile,
  makeBuildFolder,
  type BinaryRequest,
} from '@fatbuildr/builds';
import { CONTAINER_ENGINE, type ArgumentVector, type ContainerEngine } from '@fatbuildr/containers';
import { BUILD_USER, environmentImageName, ImagesService } from '@fatbuildr/images';
import { removeTree } from '@fatbuildr/processes';
import { SCRATCH } from '@fatbuildr/tasks';
import { debianArchitecture } from '../registry/architectures';
import { parseStanzas } from '../registry/deb822';
import { BuildLayers } from './build-layers';
import { buildDependencies } from './control';
import { listedFiles } from './listed-files';

/** Unpacked sources, whatever they are called. */
const TREE = 'source';

/** Builds binary packages from a source package, offline and without privileges. */
@Injectable()
export class BinaryBuilder {
  constructor(
    @Inject(CONTAINER_ENGINE) private readonly engine: ContainerEngine,
    private readonly images: ImagesService,
    private readonly layers: BuildLayers,
  ) {}

  /**
   * @param started called when the build itself begins
   * @returns the packages; what else describes the build (.changes, .buildinfo) is left beside them
   */
  async build(request: BinaryRequest, started: () => void): Promise<string[]> {
    const { context, source, results, architecture } = request;
    const [dsc] = source.files;
    if (dsc === undefined) throw badResult('no source package', 'there is nothing to build');
    const layer = await this.layer(request, dsc);
    const folder = join(context.workspace, SCRATCH, `build-${architecture}`);
    await makeBuildFolder(folder);
    for (const file of source.files) await cloneFile(file, join(folder, basename(file)));
    await this.compile(request, layer, folder, basename(dsc), started);
    const changes = await findFile(folder, '.changes');
    const built = await listedFiles(folder, changes);
    const files = await collect(folder, [...built, changes], results);
    await removeTree(folder);
    return files.filter((file) => /\.[ud]?deb$/.test(file));
  }

  private async layer(request: BinaryRequest, dsc: string): Promise<string> {
    const { context, instance, pipeline, derivative, artifact, architecture } = request;
    const environment = pipeline.environment ?? '';
    const { format } = pipeline;
    const image = await this.images.requireEnvironment(instance, format, environment, architecture);
    const [description] = parseStanzas(await readFile(dsc, 'utf8'));
    if (!description) throw badResult(basename(dsc), 'it is empty');
    return this.layers.ensure({
      ...{ context, instance, pipeline, derivative, artifact, dsc },
      environment: {
        name: environmentImageName(instance.id, format, environment, architecture),
        image,
      },
      architecture: debianArchitecture(architecture),
      dependencies: buildDependencies(description, request.withIndependent),
      withIndependent: request.withIndependent,
    });
  }

  private async compile(
    { context, instance, withIndependent }: BinaryRequest,
    image: string,
    folder: string,
    dsc: string,
    started: () => void,
  ): Promise<void> {
    const container = await this.engine.start({
      image,
      owner: { instance: instance.id, task: context.task.id },
      network: 'none',
      user: BUILD_USER,
      environment: {
        LC_ALL: 'C.UTF-8',
        HOME: '/nonexistent',
        DEB_BUILD_OPTIONS: `parallel=${availableParallelism()}`,
      },
      mounts: [{ source: folder, target: BUILD_FOLDER }],
    });
    try {
      const execute = (argv: ArgumentVector, workdir: string) =>
        executeIn(container, argv, workdir, context);
      await execute(['dpkg-source', '--extract', dsc, TREE], BUILD_FOLDER);
      started();
      const kind = withIndependent ? '--build=binary' : '--build=any';
      await execute(
        ['dpkg-buildpackage', '--unsigned-source', '--unsigned-changes', kind],
        `${BUILD_FOLDER}/${TREE}`,
      );
    } finally {
      await container.remove();
    }
  }
}
