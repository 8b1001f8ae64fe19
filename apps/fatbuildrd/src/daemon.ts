import { userInfo } from 'node:os';
import { join } from 'node:path';
import { Logger, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Configuration } from '@fatbuildr/config';
import { CONTAINER_ENGINE, type ContainerEngine } from '@fatbuildr/containers';
import { messageOf } from '@fatbuildr/errors';
import type { Instance } from '@fatbuildr/instances';
import { RegistriesService } from '@fatbuildr/registries';
import {
  PrivateRedis,
  privateRedisSocket,
  queueOptions,
  TaskCancellations,
  TaskRunner,
  TasksService,
} from '@fatbuildr/tasks';
import type { QueueOptions } from 'bullmq';
import { usesSystemBus } from './dbus/bus-choice';
import { BusService } from './dbus/bus.service';
import { FatbuildrdModule } from './fatbuildrd.module';
import { HomeLock, prepareFolders } from './home';
import { DaemonLogger } from './logger';
import { IndexRenewal } from './index-renewal';
import { InstanceWorkers } from './processors/instance-workers';

/** The life of the daemon: its parts start in this order and stop in the reverse one. */
export class Daemon {
  private readonly stops: (() => Promise<void>)[] = [];
  private stopped: Promise<void> | undefined;

  private constructor(
    private readonly configuration: Configuration,
    private readonly instances: readonly Instance[],
  ) {}

  /**
   * @param lost called when something the daemon cannot live without goes away
   * @returns the daemon and the address of its bus, once it answers there
   */
  static async start(
    configuration: Configuration,
    instances: readonly Instance[],
    lost: (reason: string) => void,
  ): Promise<{ daemon: Daemon; address: string }> {
    const daemon = new Daemon(configuration, instances);
    try {
      return { daemon, address: await daemon.run(lost) };
    } catch (fault) {
      await daemon.stop();
      throw fault;
    }
  }

  private async run(lost: (reason: string) => void): Promise<string> {
    const lock = await HomeLock.take(this.configuration.dirs.state);
    this.stops.push(() => lock.release());
    const shared = usesSystemBus(this.configuration.daemon.bus);
    await prepareFolders(this.configuration, shared);
    const queues = await this.queues(lost);
    const app = await NestFactory.createApplicationContext(
      FatbuildrdModule.forParts({
        configuration: this.configuration,
        instances: this.instances,
        queues,
      }),
      { logger: new DaemonLogger(this.configuration.daemon), abortOnError: false },
    );
    this.stops.push(() => app.close());
    return this.open(app, lost);
  }

  private async open(
    app: INestApplicationContext,
    lost: (reason: string) => void,
  ): Promise<string> {
    app.get(TaskRunner).bindHandlers();
    await this.recover(app);
    const workers = app.get(InstanceWorkers);
    const bus = app.get(BusService);
    this.stops.push(() => bus.stop());
    const address = await bus.start(lost);
    this.stops.push(() => workers.stop());
    await app.get(TaskCancellations).listen();
    workers.start();
    const renewal = app.get(IndexRenewal);
    this.stops.push(() => Promise.resolve(renewal.stop()));
    renewal.start();
    return address;
  }

  /** Brings in order what a crash left, before anybody can ask or change anything. */
  private async recover(app: INestApplicationContext): Promise<void> {
    const tasks = app.get(TasksService);
    const registries = app.get(RegistriesService);
    const logger = new Logger('recovery');
    for (const instance of this.instances) {
      const interrupted = await tasks.recover(instance.id);
      void this.removeContainers(app, instance.id, interrupted);
      const by = { task: 'recovery', user: userInfo().username };
      try {
        for (const index of await registries.recover(instance, by)) {
          logger.warn(`instance ${instance.id}: wrote the index of ${index} again`);
        }
      } catch (fault) {
        // Without a key that signs, for example, which only a running daemon can make.
        logger.error(
          `instance ${instance.id}: its registries were not checked: ${messageOf(fault)}`,
        );
      }
    }
  }

  /** Beside everything else: the engine takes its time to start, and nobody waits for what is dead. */
  private async removeContainers(
    app: INestApplicationContext,
    instance: string,
    interrupted: readonly string[],
  ): Promise<void> {
    const engine = app.get<ContainerEngine>(CONTAINER_ENGINE, { strict: false });
    for (const task of interrupted) {
      await engine.removeLeftovers({ instance, task }).catch((fault: unknown) => {
        new Logger('recovery').warn(`containers of task ${task} remain: ${messageOf(fault)}`);
      });
    }
  }

  /** Stops everything that was started; a second call waits for the first. */
  stop(): Promise<void> {
    this.stopped ??= (async () => {
      for (const stop of this.stops.reverse()) {
        // One that cannot be stopped must not keep the others running.
        await stop().catch((fault: unknown) => new Logger('daemon').warn(messageOf(fault)));
      }
    })();
    return this.stopped;
  }

  private async queues(lost: (reason: string) => void): Promise<QueueOptions> {
    const options = queueOptions(this.configuration);
    if (this.configuration.queue.redis !== undefined) return options;
    const { dirs } = this.configuration;
    const redis = await PrivateRedis.start(join(dirs.state, 'redis'), privateRedisSocket(dirs));
    this.stops.push(() => redis.stop());
    void redis.gone.then(() => {
      if (this.stopped === undefined) lost(`our redis-server at ${redis.socket} has ended`);
    });
    return options;
  }
}
