import { createHash } from 'node:crypto';
import { Inject, Injectable, Optional, type OnModuleDestroy } from '@nestjs/common';
import type Docker from 'dockerode';
import type { Readable } from 'node:stream';
import type { Configuration } from '@fatbuildr/config';
import { CONFIGURATION } from '@fatbuildr/config';
import type {
  CommandOptions,
  ContainerEngine,
  ContainerSettings,
  ImageDescription,
  Leftovers,
  NewImage,
  OneShot,
  OwnedContainer,
  RunningContainer,
} from '../container-engine.port';
import { ENGINE_GUEST } from '../engine-guest.module';
import { engineFailed, engineGone, imageMissing } from '../containers.errors';
import { LABELS, labelFilter } from '../labels';
import { readContainerLimits } from '../process-limits';
import { creationOptions } from './container-options';
import { DockerodeContainer } from './dockerode-container';
import { EngineConnection } from './engine-connection';
import { describeImage, imageChanges, splitName } from './image-format';

/** A daemonless wait: `sh` as first process also reaps orphans, which a bare `sleep` would leave as zombies. */
const WAITING = ['/bin/sh', '-c', 'sleep 2147483647 & wait'] as const;

/** The container engine behind a Docker-compatible socket. */
@Injectable()
export class DockerodeEngine implements ContainerEngine, OnModuleDestroy {
  private readonly connection: EngineConnection;
  private readonly home: string;
  private limits: ReturnType<typeof readContainerLimits> | undefined;

  constructor(
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    @Optional() @Inject(ENGINE_GUEST) guest = false,
  ) {
    this.home = createHash('sha256').update(configuration.dirs.state).digest('hex').slice(0, 16);
    this.connection = new EngineConnection(
      configuration.containers.engine,
      configuration.dirs,
      guest,
    );
  }

  async onModuleDestroy(): Promise<void> {
    await this.connection.close();
  }

  async endpoint(): Promise<string> {
    return (await this.connection.open()).endpoint;
  }

  async run({ argv, ...settings }: OneShot, options: CommandOptions = {}): Promise<number> {
    options.signal?.throwIfAborted();
    // Not as the container's first process: Podman may lose the output of one that ends at once.
    const container = await this.start(settings);
    try {
      return await container.exec({ argv }, options);
    } finally {
      await container.remove();
    }
  }

  async start(container: ContainerSettings): Promise<RunningContainer> {
    const created = await this.create(container);
    try {
      await this.talk('start a container', () => created.start());
    } catch (fault) {
      await remove(created);
      throw fault;
    }
    // By the engine of then: what a service that died has left is removed by its successor.
    return this.running(created, () => this.removeContainer(created.id));
  }

  async resume(id: string): Promise<RunningContainer> {
    const { docker } = await this.connection.open();
    const kept = docker.getContainer(id);
    await this.talk('start a container that was kept', () => kept.start().catch(unchanged));
    return this.running(kept, () => this.keep(id));
  }

  async halt(id: string): Promise<boolean> {
    return this.talk('stop a container', async (docker) => {
      try {
        await docker.getContainer(id).stop({ t: 0 }).catch(unchanged);
        return true;
      } catch (fault) {
        if (statusOf(fault) === 404) return false;
        throw fault;
      }
    });
  }

  async removeContainer(id: string): Promise<void> {
    await this.talk('remove a container', (docker) => remove(docker.getContainer(id)));
  }

  async containers(): Promise<OwnedContainer[]> {
    const found = await this.talk('list containers', (docker) => this.labelled(docker, {}));
    return found.map(({ Id: id, Labels: labels }) => ({
      id,
      instance: labels[LABELS.instance] ?? '',
      task: labels[LABELS.task] ?? '',
    }));
  }

  async storage(): Promise<string> {
    const info: unknown = await this.talk('describe itself', (docker) => docker.info());
    return (info as { DockerRootDir: string }).DockerRootDir;
  }

  private async keep(id: string): Promise<void> {
    if (!(await this.halt(id))) throw engineFailed('keep a container', new Error('it is gone'));
  }

  private running(container: Docker.Container, remove: () => Promise<void>): RunningContainer {
    return new DockerodeContainer(container, {
      changes: (image) => imageChanges(this.owned(image)),
      talk: (what, work) => this.talk(what, work),
      inspectImage: (name) => this.inspectImage(name),
      keep: () => this.keep(container.id),
      remove,
    });
  }

  async importImage(tar: Readable, image: NewImage): Promise<ImageDescription> {
    const { repository, tag } = splitName(image.name);
    return this.talk(`import the image ${image.name}`, async (docker) => {
      const progress = await docker.importImage(tar, {
        repo: repository,
        tag,
        changes: imageChanges(this.owned(image)),
      });
      await follow(docker, progress);
      return this.existing(image.name);
    });
  }

  async pullImage(
    reference: string,
    options: Omit<CommandOptions, 'timeout'> = {},
  ): Promise<ImageDescription> {
    return this.talk(`pull the image ${reference}`, async (docker) => {
      const progress = await docker.pull(reference, { abortSignal: options.signal });
      await follow(docker, progress, (event) => {
        const line = [event.id, event.status, event.progress].filter(Boolean).join(' ');
        if (line !== '') options.output?.(Buffer.from(`${line}\n`), 'stdout');
      });
      return this.existing(reference);
    });
  }

  async inspectImage(name: string): Promise<ImageDescription | undefined> {
    return this.talk(`inspect the image ${name}`, async (docker) => {
      try {
        return describeImage(await docker.getImage(name).inspect());
      } catch (fault) {
        if (statusOf(fault) === 404) return undefined;
        throw fault;
      }
    });
  }

  async tagImage(image: string, name: string): Promise<void> {
    const { repository, tag } = splitName(name);
    await this.talk(
      `tag the image ${image}`,
      (docker) => docker.getImage(image).tag({ repo: repository, tag }),
      image,
    );
  }

  async removeImage(name: string): Promise<void> {
    await this.talk(`remove the image ${name}`, async (docker) => {
      try {
        await docker.getImage(name).remove();
      } catch (fault) {
        if (statusOf(fault) !== 404) throw fault;
      }
    });
  }

  async listImages(labels: Readonly<Record<string, string>>): Promise<ImageDescription[]> {
    return this.talk('list images', async (docker) => {
      const found = await docker.listImages({ filters: { label: labelFilter(labels) } });
      return found.map((image) =>
        describeImage({
          Id: image.Id,
          RepoTags: image.RepoTags ?? [],
          Created: new Date(image.Created * 1000).toISOString(),
          Size: image.Size,
          Config: { Labels: image.Labels ?? {} },
        }),
      );
    });
  }

  async removeLeftovers(which: Leftovers = {}): Promise<number> {
    const labels: Record<string, string> = {};
    if (which.instance !== undefined) labels[LABELS.instance] = which.instance;
    if (which.task !== undefined) labels[LABELS.task] = which.task;
    return this.talk('remove leftover containers', async (docker) => {
      const left = await this.labelled(docker, labels);
      for (const { Id } of left) await remove(docker.getContainer(Id));
      return left.length;
    });
  }

  /** Containers of this installation, in any state, that carry all the labels. */
  private labelled(docker: Docker, labels: Readonly<Record<string, string>>) {
    const label = labelFilter({ ...labels, [LABELS.home]: this.home });
    return docker.listContainers({ all: true, filters: { label } });
  }

  /** An image as it is made: with the label of this installation. */
  private owned(image: NewImage): NewImage {
    return { ...image, labels: { ...image.labels, [LABELS.home]: this.home } };
  }

  private async create(container: ContainerSettings): Promise<Docker.Container> {
    this.limits ??= readContainerLimits();
    const { maxMemory, maxProcesses } = this.configuration.containers;
    const limits = { ...(await this.limits), maxMemory, maxProcesses };
    return this.talk(
      'create a container',
      (docker) => docker.createContainer(creationOptions(container, WAITING, limits, this.home)),
      container.image,
    );
  }

  private async existing(name: string): Promise<ImageDescription> {
    const image = await this.inspectImage(name);
    if (!image) throw imageMissing(name);
    return image;
  }

  /** Speaks to the engine and turns its faults into ours. */
  private async talk<T>(
    what: string,
    work: (docker: Docker) => Promise<T>,
    image?: string,
  ): Promise<T> {
    const { docker, endpoint } = await this.connection.open();
    try {
      return await work(docker);
    } catch (fault) {
      const { code } = fault as NodeJS.ErrnoException;
      if (
        code === 'ECONNREFUSED' ||
        code === 'ENOENT' ||
        code === 'ECONNRESET' ||
        code === 'EPIPE'
      ) {
        await this.connection.lost();
        throw engineGone(endpoint, fault);
      }
      if (image !== undefined && statusOf(fault) === 404) throw imageMissing(image, fault);
      if (statusOf(fault) !== undefined) throw engineFailed(what, fault);
      throw fault;
    }
  }
}

/** HTTP status of an engine's refusal. */
function statusOf(fault: unknown): number | undefined {
  return (fault as { statusCode?: number }).statusCode;
}

/** It runs, or rests, already. */
function unchanged(fault: unknown): void {
  if (statusOf(fault) !== 304) throw fault;
}

async function remove(container: Docker.Container): Promise<void> {
  try {
    await container.remove({ force: true, v: true });
  } catch (fault) {
    // Gone already, or just being removed by someone else.
    if (statusOf(fault) !== 404 && statusOf(fault) !== 409) throw fault;
  }
}

interface ProgressEvent {
  id?: string;
  status?: string;
  progress?: string;
}

function follow(
  docker: Docker,
  stream: NodeJS.ReadableStream,
  onEvent?: (event: ProgressEvent) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    docker.modem.followProgress(stream, (fault) => (fault ? reject(fault) : resolve()), onEvent);
  });
}
