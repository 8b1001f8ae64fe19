import { CONFIGURATION, hostArchitecture, type Configuration } from '@fatbuildr/config';
import { Inject, Injectable } from '@nestjs/common';
import {
  CONTAINER_ENGINE,
  LABELS,
  type ContainerEngine,
  type ImageDescription,
} from '@fatbuildr/containers';
import type { Instance, Pipeline } from '@fatbuildr/instances';
import type { ShellParameters } from '@fatbuildr/protocol';
import type { TaskContext } from '@fatbuildr/tasks';
import { requireRunnable } from './emulation';
import { removeUnfinished } from './environment-folders';
import type { EnvironmentRequest, FormatImageRequest } from './environment-tool.port';
import { ImageFormats } from './image-formats';
import { environmentImageName, formatImageName } from './image-names';
import {
  environmentMissing,
  imageExists,
  imageMissing,
  unknownArchitecture,
  unknownEnvironment,
} from './images.errors';

/** The format images and build environments of every instance. */
@Injectable()
export class ImagesService {
  constructor(
    private readonly formats: ImageFormats,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    @Inject(CONTAINER_ENGINE) private readonly engine: ContainerEngine,
  ) {}

  /**
   * Removes what tasks of a killed daemon left of environments; their containers must be gone.
   *
   * @param before when this daemon began to work: what is newer is its own
   */
  removeLeftovers(instance: Instance, before: Date): Promise<void> {
    return removeUnfinished(this.configuration, instance.id, before);
  }

  /**
   * Makes the image of a format.
   *
   * @throws FatbuildrError `IMAGES.EXISTS` when there is one and `force` is not set
   */
  async create(
    instance: Instance,
    format: string,
    { force }: { force: boolean },
    context: TaskContext,
  ): Promise<void> {
    const source = this.formats.source(format);
    if (!force && (await this.image(instance, format))) throw imageExists(instance.id, format);
    await source.create(this.imageRequest(instance, format, context));
  }

  /** @throws FatbuildrError `IMAGES.MISSING` */
  async update(instance: Instance, format: string, context: TaskContext): Promise<void> {
    const source = this.formats.source(format);
    await this.requireImage(instance, format);
    await source.update(this.imageRequest(instance, format, context));
  }

  /**
   * Runs a shell in the image of a format, which keeps what was done there when the shell ends well.
   *
   * @throws FatbuildrError `IMAGES.MISSING`, `TASKS.EXIT_STATUS`, `TASKS.ABANDONED`
   */
  async shell(
    instance: Instance,
    format: string,
    shell: ShellParameters,
    context: TaskContext,
  ): Promise<void> {
    const source = this.formats.source(format);
    await this.requireImage(instance, format);
    await source.shell({ ...this.imageRequest(instance, format, context), shell });
  }

  /** @returns `undefined` when there is none */
  async image(instance: Instance, format: string): Promise<ImageDescription | undefined> {
    return this.engine.inspectImage(formatImageName(instance.id, format));
  }

  /** @throws FatbuildrError `IMAGES.MISSING` naming the command that creates it */
  async requireImage(instance: Instance, format: string): Promise<ImageDescription> {
    const image = await this.image(instance, format);
    if (!image) throw imageMissing(instance.id, format);
    return image;
  }

  /**
   * Makes a build environment, or makes it anew.
   *
   * @throws FatbuildrError `IMAGES.MISSING` without the format's image, `IMAGES.UNKNOWN_ENVIRONMENT`,
   *   `IMAGES.UNKNOWN_ARCHITECTURE` for what the instance does not declare
   */
  async createEnvironment(
    instance: Instance,
    format: string,
    environment: string,
    architecture: string,
    context: TaskContext,
  ): Promise<void> {
    const tool = this.formats.tool(format);
    const request = environmentRequest(instance, format, environment, architecture, context);
    await this.requireImage(instance, format);
    await tool.create(request);
  }

  /** @throws FatbuildrError as `createEnvironment`, and `IMAGES.ENVIRONMENT_MISSING` */
  async updateEnvironment(
    instance: Instance,
    format: string,
    environment: string,
    architecture: string,
    context: TaskContext,
  ): Promise<void> {
    const tool = this.formats.tool(format);
    const request = environmentRequest(instance, format, environment, architecture, context);
    await this.requireImage(instance, format);
    await this.requireEnvironment(instance, format, environment, architecture);
    await tool.update(request);
  }

  /**
   * Runs a shell in a copy of a build environment, which stays as it is.
   *
   * @throws FatbuildrError as `updateEnvironment`, and `TASKS.EXIT_STATUS`, `TASKS.ABANDONED`
   */
  async environmentShell(
    instance: Instance,
    format: string,
    environment: string,
    architecture: string,
    shell: ShellParameters,
    context: TaskContext,
  ): Promise<void> {
    const tool = this.formats.tool(format);
    const request = environmentRequest(instance, format, environment, architecture, context);
    await this.requireEnvironment(instance, format, environment, architecture);
    await tool.shell({ ...request, shell });
  }

  /** @returns `undefined` when there is none */
  async environment(
    instance: Instance,
    format: string,
    environment: string,
    architecture: string,
  ): Promise<ImageDescription | undefined> {
    const name = environmentImageName(instance.id, format, environment, architecture);
    return this.formats.tool(format).find({ instance, environment, architecture, name });
  }

  /**
   * @throws FatbuildrError `IMAGES.ENVIRONMENT_MISSING` naming the command that creates it; `IMAGES.NO_EMULATION`
   * when its programs do not run here any more
   */
  async requireEnvironment(
    instance: Instance,
    format: string,
    environment: string,
    architecture: string,
  ): Promise<ImageDescription> {
    const image = await this.environment(instance, format, environment, architecture);
    if (image) {
      await requireRunnable(architecture);
      return image;
    }
    const distribution = pipelinesOf(instance, format, environment)[0]?.distribution;
    throw environmentMissing(instance.id, format, environment, architecture, distribution);
  }

  /**
   * What builds of a pipeline need: the format's image, and its environment for each architecture.
   *
   * @throws FatbuildrError `IMAGES.MISSING`, `IMAGES.ENVIRONMENT_MISSING` naming the command that creates it
   */
  async requireAll({
    instance,
    pipeline: { format, environment = '' },
    architectures,
  }: {
    instance: Instance;
    pipeline: Pipeline;
    architectures: readonly string[];
  }): Promise<void> {
    await this.requireImage(instance, format);
    // The source is made in the environment of this host, whatever is built from it.
    for (const architecture of new Set([hostArchitecture(), ...architectures])) {
      await this.requireEnvironment(instance, format, environment, architecture);
    }
  }

  private imageRequest(
    instance: Instance,
    format: string,
    context: TaskContext,
  ): FormatImageRequest {
    return {
      context,
      instance,
      name: formatImageName(instance.id, format),
      labels: imageLabels(instance, context),
    };
  }
}

function environmentRequest(
  instance: Instance,
  format: string,
  environment: string,
  architecture: string,
  context: TaskContext,
): EnvironmentRequest {
  const pipelines = requireEnvironment(instance, format, environment, architecture);
  return {
    context,
    instance,
    environment,
    architecture,
    pipelines,
    formatImage: formatImageName(instance.id, format),
    name: environmentImageName(instance.id, format, environment, architecture),
    labels: imageLabels(instance, context),
  };
}

/**
 * The pipelines that build in an environment; lets a caller refuse early what is not declared.
 *
 * @throws FatbuildrError `IMAGES.UNKNOWN_ENVIRONMENT`, `IMAGES.UNKNOWN_ARCHITECTURE`
 */
export function requireEnvironment(
  instance: Instance,
  format: string,
  environment: string,
  architecture: string,
): Pipeline[] {
  const pipelines = pipelinesOf(instance, format, environment);
  if (pipelines.length === 0) {
    const declared = instance.pipelines.flatMap((pipeline) =>
      pipeline.format === format && pipeline.environment !== undefined
        ? [pipeline.environment]
        : [],
    );
    throw unknownEnvironment(instance.id, format, environment, [...new Set(declared)]);
  }
  if (!instance.architectures.includes(architecture)) {
    throw unknownArchitecture(instance.id, architecture, instance.architectures);
  }
  return pipelines;
}

function pipelinesOf(instance: Instance, format: string, environment: string): Pipeline[] {
  return instance.pipelines.filter(
    (pipeline) => pipeline.format === format && pipeline.environment === environment,
  );
}

/** Whose image it is, and which task made it. */
function imageLabels(instance: Instance, { task }: TaskContext): Record<string, string> {
  return { [LABELS.instance]: instance.id, [LABELS.task]: task.id };
}
