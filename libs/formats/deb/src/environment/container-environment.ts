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
  originOf,
  readHostApt,
  readPackageList,
  recipeDigest,
  type EnvironmentRequest,
} from '@fatbuildr/images';
import { debianArchitecture } from '../registry/architectures';

/** Script that finishes the root. */
const SETUP = 'setup-environment.sh';

/** Where the environment comes from. */
interface Origin {
  uri: string;
  components: readonly string[];
}

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
    const origin = await this.origin(request);
    const setup = await readFile(join(this.definitions, SETUP), 'utf8');
    return recipeDigest(origin, await this.packages(origin), setup, BUILD_ACCOUNT);
  }

  protected isUpToDate({ name, context }: EnvironmentRequest): Promise<boolean> {
    return isUpToDate(this.engine, name, context);
  }

  protected async bootstrap(request: EnvironmentRequest): Promise<void> {
    const origin = await this.origin(request);
    const { name, id } = BUILD_ACCOUNT;
    const argv = mmdebstrapCommand({
      suite: request.environment,
      architecture: debianArchitecture(request.architecture),
      variant: 'buildd',
      mirror: origin,
      settings: await hostAptSettings(),
      packages: await this.packages(origin),
      hooks: [`sh ${BOOTSTRAP_MOUNTS.definitions}/${SETUP} "$1" ${name} ${id}`],
      target: BOOTSTRAP_TARGET,
    });
    // mmdebstrap mounts and makes devices in the new root; packages of the mirror alone run in it.
    await this.bootstrapIn(request, { argv, privileged: true });
  }

  private async origin({ pipelines }: EnvironmentRequest): Promise<Origin> {
    const { mirror, components } = originOf(pipelines, this.configuration.formats[this.format]);
    return {
      uri: mirror ?? (await readHostApt()).mirror.uri,
      components: components.length > 0 ? components : ['main'],
    };
  }

  private async packages({ uri }: Origin): Promise<string[]> {
    const packages = await readPackageList(this.definitions, 'environment-packages');
    // Build dependencies will be fetched from the same mirror.
    return uri.startsWith('https:') ? [...packages, 'ca-certificates'] : packages;
  }
}
