import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import {
  badResult,
  BUILD_FOLDER,
  executeIn,
  openContainerSession,
  type BinaryRequest,
  type PrescriptRequest,
  type PrescriptWork,
} from '@fatbuildr/builds';
import { hostArchitecture } from '@fatbuildr/config';
import { CONTAINER_ENGINE, type ArgumentVector, type ContainerEngine } from '@fatbuildr/containers';
import { BUILD_USER, environmentImageName, ImagesService } from '@fatbuildr/images';
import type { Instance, Pipeline } from '@fatbuildr/instances';
import { debianArchitecture } from '../registry/architectures';
import { parseStanzas } from '../registry/deb822';
import { BuildLayers, type LayerRequest } from './build-layers';
import { buildDependencies } from './control';
import type { DebBuildTool } from './deb-build-tool.port';

/** Unpacked sources, whatever they are called. */
const TREE = 'source';

/** Builds in a fresh container of the environment and the build dependencies. */
@Injectable()
export class ContainerBuild implements DebBuildTool {
  readonly tool = 'container';

  constructor(
    @Inject(CONTAINER_ENGINE) private readonly engine: ContainerEngine,
    private readonly images: ImagesService,
    private readonly layers: BuildLayers,
  ) {}

  sourceImage({ id }: Instance, { format, environment = '' }: Pipeline): string {
    // Only what makes up the package counts, so any architecture's environment does.
    return environmentImageName(id, format, environment, hostArchitecture());
  }

  async build(
    request: BinaryRequest,
    folder: string,
    dsc: string,
    started: () => void,
  ): Promise<void> {
    const { context, instance, withIndependent } = request;
    const container = await this.engine.start({
      image: await this.buildLayer(request, dsc),
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
      await execute(['dpkg-source', '--extract', basename(dsc), TREE], BUILD_FOLDER);
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

  async inPrescriptSession(request: PrescriptRequest, work: PrescriptWork): Promise<void> {
    const image = await this.layer(
      { ...request, architecture: hostArchitecture() },
      request.packages,
    );
    await openContainerSession(this.engine, image, request, work);
  }

  private async buildLayer(request: BinaryRequest, dsc: string): Promise<string> {
    const [description] = parseStanzas(await readFile(dsc, 'utf8'));
    if (!description) throw badResult(basename(dsc), 'it is empty');
    const { withIndependent } = request;
    const dependencies = buildDependencies(description, withIndependent);
    return this.layer(request, dependencies, { dsc, withIndependent });
  }

  private async layer(
    request: Omit<PrescriptRequest, 'packages' | 'mounts'> & { architecture: string },
    dependencies: readonly string[],
    source?: LayerRequest['source'],
  ): Promise<string> {
    const { context, instance, pipeline, derivative, artifact, architecture } = request;
    const { environment = '', format } = pipeline;
    const image = await this.images.requireEnvironment(instance, format, environment, architecture);
    return this.layers.ensure({
      ...{ context, instance, pipeline, derivative, artifact, dependencies, source },
      environment: {
        name: environmentImageName(instance.id, format, environment, architecture),
        image,
      },
      architecture: debianArchitecture(architecture),
    });
  }
}
