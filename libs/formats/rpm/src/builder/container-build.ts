import { basename } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import {
  BUILD_FOLDER,
  executeIn,
  openContainerSession,
  type BinaryRequest,
  type PrescriptRequest,
  type PrescriptWork,
  type SourceRequest,
} from '@fatbuildr/builds';
import { hostArchitecture } from '@fatbuildr/config';
import { CONTAINER_ENGINE, type ContainerEngine } from '@fatbuildr/containers';
import { BUILD_USER, environmentImageName } from '@fatbuildr/images';
import { BuildLayers } from './build-layers';
import type { RpmBuildTool } from './rpm-build-tool.port';
import { rpmbuildCommand } from './rpmbuild-command';
import { explainRpmbuild } from './rpmbuild-output';
import { readSourceHeader } from './source-header';

/** Builds in fresh containers of the environment, those of packages with the build dependencies. */
@Injectable()
export class ContainerBuild implements RpmBuildTool {
  readonly tool = 'container';

  constructor(
    @Inject(CONTAINER_ENGINE) private readonly engine: ContainerEngine,
    private readonly layers: BuildLayers,
  ) {}

  source(request: SourceRequest, folder: string, options: readonly string[]): Promise<void> {
    const { artifact, changelog, instance, pipeline } = request;
    const { format, environment = '' } = pipeline;
    // Only what makes up the package counts, so any architecture's environment does.
    const image = environmentImageName(instance.id, format, environment, hostArchitecture());
    const args = ['-bs', '--nodeps', `${artifact}.spec`, ...options];
    return this.run(request, image, folder, { args, time: changelog[0]?.date ?? 0 });
  }

  async build(
    request: BinaryRequest,
    folder: string,
    file: string,
    options: readonly string[],
  ): Promise<void> {
    const image = await this.layers.ensure(request, file);
    const { buildTime } = await readSourceHeader(file);
    const args = ['--rebuild', basename(file), ...options];
    await this.run(request, image, folder, { args, time: buildTime });
  }

  async inPrescriptSession(request: PrescriptRequest, work: PrescriptWork): Promise<void> {
    const wanted = { ...request, architecture: hostArchitecture() };
    const image = await this.layers.withPackages(wanted, request.packages);
    await openContainerSession(this.engine, image, request, work);
  }

  /** @param time the one that all that is made has, in seconds since the epoch */
  private async run(
    { artifact, context, instance }: Pick<BinaryRequest, 'artifact' | 'context' | 'instance'>,
    image: string,
    folder: string,
    { args, time }: { args: readonly string[]; time: number },
  ): Promise<void> {
    const container = await this.engine.start({
      image,
      owner: { instance: instance.id, task: context.task.id },
      network: 'none',
      user: BUILD_USER,
      environment: {
        ...{ LC_ALL: 'C.UTF-8', HOME: '/nonexistent' },
        // Of an entry of the changelog rpmbuild knows the day only, and takes its noon, which may be still to come.
        SOURCE_DATE_EPOCH: String(time),
      },
      mounts: [{ source: folder, target: BUILD_FOLDER }],
    });
    try {
      const command = rpmbuildCommand(...args);
      await executeIn(container, command, BUILD_FOLDER, context, explainRpmbuild(artifact));
    } finally {
      await container.remove();
    }
  }
}
