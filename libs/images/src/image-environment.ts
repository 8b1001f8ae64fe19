import { createReadStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Configuration } from '@fatbuildr/config';
import type { ContainerEngine, ImageDescription, OneShot } from '@fatbuildr/containers';
import { SCRATCH } from '@fatbuildr/tasks';
import type { DependencyLayers } from './dependency-layers';
import { requireRunnable } from './emulation';
import { warnOfDifferences } from './environment-origin';
import type {
  EnvironmentRequest,
  EnvironmentShell,
  EnvironmentTool,
} from './environment-tool.port';
import { bootstrapFailed } from './making.errors';
import { PACKAGING_CAPABILITIES } from './packaging-capabilities';
import { RECIPE_LABEL } from './recipe';
import { replaceImage } from './replace-image';
import { runShell } from './shell';

/** Folders of the container that makes a root. */
export const BOOTSTRAP_MOUNTS = { output: '/output', definitions: '/fatbuildr' } as const;
/** Where it is to leave the root, as a plain tar. */
export const BOOTSTRAP_TARGET = `${BOOTSTRAP_MOUNTS.output}/root.tar`;

/** The tool that is the same for all formats: environments that are images themselves. */
export abstract class ImageEnvironment implements EnvironmentTool {
  abstract readonly format: string;
  readonly tool = 'container';

  constructor(
    protected readonly configuration: Configuration,
    protected readonly engine: ContainerEngine,
    private readonly layers: DependencyLayers,
  ) {}

  /** Digest of all the root is made from, the packages of the mirror apart. */
  protected abstract recipe(request: EnvironmentRequest): Promise<string>;
  /** Makes the root by `bootstrapIn`. */
  protected abstract bootstrap(request: EnvironmentRequest): Promise<void>;
  /** Whether the mirror has nothing newer than the environment. */
  protected abstract isUpToDate(request: EnvironmentRequest): Promise<boolean>;

  async create(request: EnvironmentRequest): Promise<void> {
    const { architecture, environment, name } = request;
    const { journal } = request.context;
    await requireRunnable(architecture);
    warnOfDifferences(request);
    const labels = { ...request.labels, [RECIPE_LABEL]: await this.recipe(request) };
    const tar = rootTar(request);
    await mkdir(dirname(tar), { recursive: true });
    const made = await replaceImage(this.engine, name, journal, async () => {
      await journal.step(`bootstrap ${environment}`, () => this.bootstrap(request));
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
    tellReady(request, made);
  }

  async update(request: EnvironmentRequest): Promise<void> {
    const { journal } = request.context;
    const existing = await this.engine.inspectImage(request.name);
    const current =
      existing?.labels[RECIPE_LABEL] === (await this.recipe(request)) &&
      (await journal.step('look for updates', () => this.isUpToDate(request)));
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
      capabilities: PACKAGING_CAPABILITIES,
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

  /** Folder that defines the format's images. */
  protected get definitions(): string {
    return join(this.configuration.images.defs, this.format);
  }

  /**
   * Runs the command that makes the root, in the format image.
   *
   * @throws FatbuildrError `IMAGES.BOOTSTRAP_FAILED`
   */
  protected async bootstrapIn(
    request: EnvironmentRequest,
    { mounts = [], ...command }: Pick<OneShot, 'argv' | 'privileged' | 'capabilities' | 'mounts'>,
  ): Promise<void> {
    const { context, environment, formatImage, instance } = request;
    const status = await this.engine.run(
      {
        image: formatImage,
        owner: { instance: instance.id, task: context.task.id },
        network: 'host',
        mounts: [
          { source: dirname(rootTar(request)), target: BOOTSTRAP_MOUNTS.output },
          { source: this.definitions, target: BOOTSTRAP_MOUNTS.definitions, readOnly: true },
          ...mounts,
        ],
        ...command,
      },
      { output: (chunk) => context.journal.output(chunk), signal: context.signal },
    );
    if (status !== 0) {
      throw bootstrapFailed(`build environment ${environment}`, command.argv[0], status);
    }
  }
}

/** Tells how large an environment has become. */
export function tellReady(
  { architecture, context, environment }: EnvironmentRequest,
  { size }: ImageDescription,
): void {
  const megabytes = Math.round(size / 1e6);
  context.journal.log(
    'info',
    `Build environment ${environment} for ${architecture} is ready (${megabytes} MB)`,
  );
}

const rootTar = ({ context }: EnvironmentRequest) =>
  join(context.workspace, SCRATCH, 'environment', 'root.tar');
