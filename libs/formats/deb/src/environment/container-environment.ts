import { createReadStream } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIGURATION, hostArchitecture, type Configuration } from '@fatbuildr/config';
import {
  CONTAINER_ENGINE,
  type ContainerEngine,
  type ImageDescription,
} from '@fatbuildr/containers';
import {
  runShell,
  type EnvironmentRequest,
  type EnvironmentShell,
  type EnvironmentTool,
} from '@fatbuildr/images';
import { SCRATCH } from '@fatbuildr/tasks';
import { BUILD_ACCOUNT } from '../builder-account';
import { BuildLayers } from '../builder/build-layers';
import { debianArchitecture } from '../registry/architectures';
import { APT_CAPABILITIES, isUpToDate } from './apt-in-container';
import { bootstrapFailed, foreignArchitecture } from './environment.errors';
import { hostAptSettings, readHostApt } from './host-mirror';
import { mmdebstrapCommand } from './mmdebstrap';
import { readPackageList, recipeDigest, RECIPE_LABEL } from './recipe';
import { replaceImage } from './replace-image';

const FORMAT = 'deb';
/** Script that finishes the root. */
const SETUP = 'setup-environment.sh';

/** Where the environment comes from. */
interface Origin {
  uri: string;
  components: readonly string[];
}

/** Environments that are images themselves, made by mmdebstrap inside the format image. */
@Injectable()
export class ContainerEnvironment implements EnvironmentTool {
  readonly format = FORMAT;
  readonly tool = 'container';

  constructor(
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    @Inject(CONTAINER_ENGINE) private readonly engine: ContainerEngine,
    private readonly layers: BuildLayers,
  ) {}

  async create(request: EnvironmentRequest): Promise<void> {
    const { architecture, environment, name } = request;
    const { journal } = request.context;
    // The programs of another architecture would not run here.
    if (architecture !== hostArchitecture()) {
      throw foreignArchitecture(architecture, hostArchitecture());
    }
    const origin = await this.origin(request);
    const labels = { ...request.labels, [RECIPE_LABEL]: await this.recipe(origin) };
    const made = await replaceImage(this.engine, name, journal, async () => {
      const tar = await journal.step(`bootstrap ${environment}`, () =>
        this.bootstrap(request, origin),
      );
      const image = await journal.step('import', () =>
        this.engine.importImage(createReadStream(tar), {
          name,
          labels,
          environment: { LC_ALL: 'C.UTF-8' },
        }),
      );
      await rm(tar);
      // What was installed on top of the old one is of no use any more, and keeps it from being removed.
      await this.layers.forget(request.instance, name, image.id, journal);
      return image;
    });
    const size = Math.round(made.size / 1e6);
    journal.log(
      'info',
      `Build environment ${environment} for ${architecture} is ready (${size} MB)`,
    );
  }

  async update(request: EnvironmentRequest): Promise<void> {
    const { journal } = request.context;
    const existing = await this.engine.inspectImage(request.name);
    const recipe = await this.recipe(await this.origin(request));
    const current =
      existing?.labels[RECIPE_LABEL] === recipe &&
      (await journal.step('look for updates', () =>
        isUpToDate(this.engine, request.name, request.context),
      ));
    if (current) {
      journal.log('info', `Build environment ${request.environment} is up to date`);
      return;
    }
    // Made anew instead of upgraded: upgrades would pile up as layers and keep what is obsolete.
    await this.create(request);
  }

  async shell({ name, shell, context, instance }: EnvironmentShell): Promise<void> {
    const container = await this.engine.start({
      image: name,
      owner: { instance: instance.id, task: context.task.id },
      network: 'host',
      capabilities: APT_CAPABILITIES,
    });
    try {
      await runShell(container, shell, context);
    } finally {
      await container.remove();
    }
  }

  async find({ name }: Pick<EnvironmentRequest, 'name'>): Promise<ImageDescription | undefined> {
    return this.engine.inspectImage(name);
  }

  private get definitions(): string {
    return join(this.configuration.images.defs, FORMAT);
  }

  /** The pipeline's mirror, else the configured one, else the host's. */
  private async origin({ pipelines, environment, context }: EnvironmentRequest): Promise<Origin> {
    const format = this.configuration.formats[FORMAT];
    const [pipeline, ...others] = pipelines;
    const differing = others.filter(
      (other) => other.mirror !== pipeline?.mirror || other.components !== pipeline?.components,
    );
    if (pipeline && differing.length > 0) {
      context.journal.log(
        'warning',
        `Pipelines name different mirrors or components for environment ${environment}; those of ${pipeline.distribution} are used`,
      );
    }
    const components = pipeline?.components ?? format?.envDefaultComponents ?? 'main';
    const mirror = pipeline?.mirror ?? format?.envDefaultMirror;
    return {
      uri: mirror ?? (await readHostApt()).mirror.uri,
      components: components.split(/[\s,]+/).filter(Boolean),
    };
  }

  private async packages({ uri }: Origin): Promise<string[]> {
    const packages = await readPackageList(this.definitions, 'environment-packages');
    // Build dependencies will be fetched from the same mirror.
    return uri.startsWith('https:') ? [...packages, 'ca-certificates'] : packages;
  }

  private async recipe(origin: Origin): Promise<string> {
    const setup = await readFile(join(this.definitions, SETUP), 'utf8');
    return recipeDigest(origin, await this.packages(origin), setup, BUILD_ACCOUNT);
  }

  /** @returns path of the root as a tar */
  private async bootstrap(request: EnvironmentRequest, origin: Origin): Promise<string> {
    const { context, environment, architecture, formatImage, instance } = request;
    const output = join(context.workspace, SCRATCH, 'environment');
    await mkdir(output, { recursive: true });
    const { name, id } = BUILD_ACCOUNT;
    const command = mmdebstrapCommand({
      suite: environment,
      architecture: debianArchitecture(architecture),
      variant: 'buildd',
      mirror: origin,
      settings: await hostAptSettings(),
      packages: await this.packages(origin),
      hooks: [`sh /fatbuildr/${SETUP} "$1" ${name} ${id}`],
      target: '/output/root.tar',
    });
    const status = await this.engine.run(
      {
        image: formatImage,
        owner: { instance: instance.id, task: context.task.id },
        network: 'host',
        // mmdebstrap mounts and makes devices in the new root; packages of the mirror alone run in it.
        privileged: true,
        mounts: [
          { source: output, target: '/output' },
          { source: this.definitions, target: '/fatbuildr', readOnly: true },
        ],
        argv: command,
      },
      { output: (chunk) => context.journal.output(chunk), signal: context.signal },
    );
    if (status !== 0) {
      throw bootstrapFailed(`build environment ${environment}`, 'mmdebstrap', status);
    }
    return join(output, 'root.tar');
  }
}
