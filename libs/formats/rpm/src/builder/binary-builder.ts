import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import {
  badResult,
  BUILD_FOLDER,
  cloneFile,
  collect,
  executeIn,
  makeBuildFolder,
  type BinaryRequest,
} from '@fatbuildr/builds';
import { CONTAINER_ENGINE, type ContainerEngine } from '@fatbuildr/containers';
import { BUILD_USER } from '@fatbuildr/images';
import { removeTree } from '@fatbuildr/processes';
import { SCRATCH } from '@fatbuildr/tasks';
import { BuildLayers } from './build-layers';
import { buildargs } from './buildargs';
import { rpmbuildCommand } from './rpmbuild-command';
import { explainRpmbuild } from './rpmbuild-output';

/** Builds binary packages from a source package, offline and without privileges. */
@Injectable()
export class BinaryBuilder {
  constructor(
    @Inject(CONTAINER_ENGINE) private readonly engine: ContainerEngine,
    private readonly layers: BuildLayers,
  ) {}

  /** @returns the packages */
  async build(request: BinaryRequest): Promise<string[]> {
    const { artifact, context, parameters, results, source, architecture } = request;
    const [file] = source.files;
    if (file === undefined) throw badResult('no source package', 'there is nothing to build');
    const options = buildargs(parameters, artifact);
    const layer = await this.layers.ensure(request, file);
    const folder = join(context.workspace, SCRATCH, `build-${architecture}`);
    await makeBuildFolder(folder);
    await cloneFile(file, join(folder, basename(file)));
    await this.compile(request, layer, folder, ['--rebuild', basename(file), ...options]);
    const place = join(folder, 'RPMS');
    const built = (await readdir(place)).filter(
      (name) => request.withIndependent || !name.endsWith('.noarch.rpm'),
    );
    const files = await collect(place, built.sort(), results);
    await removeTree(folder);
    return files;
  }

  private async compile(
    { artifact, context, instance }: BinaryRequest,
    image: string,
    folder: string,
    args: readonly string[],
  ): Promise<void> {
    const container = await this.engine.start({
      image,
      owner: { instance: instance.id, task: context.task.id },
      network: 'none',
      user: BUILD_USER,
      environment: { LC_ALL: 'C.UTF-8', HOME: '/nonexistent' },
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
