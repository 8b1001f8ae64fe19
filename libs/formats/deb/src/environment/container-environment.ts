import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '@fatbuildr/config';
import { CONTAINER_ENGINE, type ContainerEngine } from '@fatbuildr/containers';
import {
  BOOTSTRAP_MOUNTS,
  BOOTSTRAP_TARGET,
  BUILD_ACCOUNT,
  DependencyLayers,
  hostAptSettings,
  ImageEnvironment,
  isUpToDate,
  mmdebstrapCommand,
  recipeDigest,
  type EnvironmentRequest,
} from '@fatbuildr/images';
import { debianArchitecture } from '../registry/architectures';
import { debOrigin } from './origin';

/** Script that finishes the root. */
const SETUP = 'setup-environment.sh';

/** Environments made by mmdebstrap inside the format image. */
@Injectable()
export class ContainerEnvironment extends ImageEnvironment {
  readonly format = 'deb';

  constructor(
    @Inject(CONFIGURATION) configuration: Configuration,
    @Inject(CONTAINER_ENGINE) engine: ContainerEngine,
    layers: DependencyLayers,
  ) {
    super(configuration, engine, layers);
  }

  protected async recipe(request: EnvironmentRequest): Promise<string> {
    const { packages, ...mirror } = await debOrigin(request, this.configuration);
    const setup = await readFile(join(this.definitions, SETUP), 'utf8');
    return recipeDigest(mirror, packages, setup, BUILD_ACCOUNT);
  }

  protected isUpToDate({ name, context }: EnvironmentRequest): Promise<boolean> {
    return isUpToDate(this.engine, name, context);
  }

  protected async bootstrap(request: EnvironmentRequest): Promise<void> {
    const { packages, ...mirror } = await debOrigin(request, this.configuration);
    const { name, id } = BUILD_ACCOUNT;
    const argv = mmdebstrapCommand({
      suite: request.environment,
      architecture: debianArchitecture(request.architecture),
      variant: 'buildd',
      mirror,
      settings: await hostAptSettings(),
      packages,
      hooks: [`sh ${BOOTSTRAP_MOUNTS.definitions}/${SETUP} "$1" ${name} ${id}`],
      target: BOOTSTRAP_TARGET,
    });
    // mmdebstrap mounts and makes devices in the new root; packages of the mirror alone run in it.
    await this.bootstrapIn(request, { argv, privileged: true });
  }
}
