import { userInfo } from 'node:os';
import { join } from 'node:path';
import { Logger, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FormatBuilders } from '@fatbuildr/builds';
import { formatInterval, type Configuration } from '@fatbuildr/config';
import { CONTAINER_ENGINE, type ContainerEngine } from '@fatbuildr/containers';
import { messageOf, withPlace } from '@fatbuildr/errors';
import { ImagesService } from '@fatbuildr/images';
import type { Instance } from '@fatbuildr/instances';
import { RegistriesService } from '@fatbuildr/registries';
import {
  PrivateRedis,
  privateRedisSocket,
  queueOptions,
  requireRedis,
  TaskRunner,
  TasksService,
} from '@fatbuildr/tasks';
import type { QueueOptions } from 'bullmq';
import { usesSystemBus } from './dbus/bus-choice';
import { BusService } from './dbus/bus.service';
import { FatbuildrdModule } from './fatbuildrd.module';
import { HomeLock, prepareFolders } from './home';
import { removeLeftoverFiles } from './leftover-files';
import { DaemonLogger } from './logger';
import { IndexRenewal } from './index-renewal';
import { KeptBuildsSweep } from './kept-builds-sweep';
import { Departure } from './life/departure';
import { IdleExit } from './life/idle-exit';
import { ServiceManager } from './life/service-manager';
import { VitalSigns } from './life/vital-signs';
import { statusOf, Watchdog } from './life/watchdog';
import { InstanceWorkers } from './processors/instance-workers';

/** Milliseconds that everything but the tasks may take to stop. */
const STOP_MARGIN = 30_000;

/** What the daemon tells the process it is in. */
export interface DaemonEvents {
  /** Something the daemon cannot live without went away. */
  lost(reason: string): void;
  /** Nobody needs it: it has left its bus, and whoever calls from now on gets another one. */
  idle(): void;
}

/** How the daemon ends. */
export interface Ending {
  /** What tasks that are ended by it say of themselves. */
  reason: string;
  /** Milliseconds that running tasks have to finish. */
  graceMs: number;
}

const AT_ONCE: Ending = { reason: 'the daemon was stopped', graceMs: 0 };

/** The life of the daemon: its parts start in this order and stop in the reverse one. */
export class Daemon {
  private readonly logger = new Logger('daemon');
  private readonly stops: ((ending: Ending) => Promise<void>)[] = [];
  private stopped: Promise<void> | undefined;
  private app: INestApplicationContext | undefined;

  private constructor(
    private readonly configuration: Configuration,
    private readonly instances: readonly Instance[],
    private readonly events: DaemonEvents,
  ) {}

  /** @returns the daemon and the address of its bus, once it answers there */
  static async start(
    configuration: Configuration,
    instances: readonly Instance[],
    events: DaemonEvents,
  ): Promise<{ daemon: Daemon; address: string }> {
    const daemon = new Daemon(configuration, instances, events);
    try {
      return { daemon, address: await daemon.run() };
    } catch (fault) {
      await daemon.stop();
      throw withPlace(fault, configuration.dirs.state);
    }
  }

  private async run(): Promise<string> {
    Logger.overrideLogger(new DaemonLogger(this.configuration.daemon));
    const lock = await HomeLock.take(this.configuration.dirs.state);
    this.stops.push(() => lock.release());
    const shared = usesSystemBus(this.configuration.daemon.bus);
    await prepareFolders(this.configuration, shared);
    const queues = await this.queues();
    const app = await NestFactory.createApplicationContext(
      FatbuildrdModule.forParts({
        configuration: this.configuration,
        instances: this.instances,
        queues,
      }),
      { abortOnError: false },
    );
    this.app = app;
    this.stops.push(() => app.close());
    return this.open(app, lock);
  }

  private async open(app: INestApplicationContext, lock: HomeLock): Promise<string> {
    app.get(TaskRunner).bindHandlers();
    await this.recover(app);
    if (lock.inherited) void removeLeftoverFiles(this.configuration.dirs, new Date());
    const workers = app.get(InstanceWorkers);
    const bus = app.get(BusService);
    this.stops.push(() => bus.stop());
    const address = await bus.start((reason) => this.lost(reason));
    this.stops.push(({ reason, graceMs }) => workers.stop(reason, graceMs));
    await workers.start();
    const renewal = app.get(IndexRenewal);
    this.stops.push(() => renewal.stop());
    renewal.start();
    const sweep = app.get(KeptBuildsSweep);
    this.stops.push(() => sweep.stop());
    sweep.start();
    this.stops.push((ending) => this.announceEnd(app, lock, ending));
    const watchdog = app.get(Watchdog);
    this.stops.push(() => Promise.resolve(watchdog.stop()));
    watchdog.start();
    const idle = app.get(IdleExit);
    this.stops.push(() => Promise.resolve(idle.stop()));
    idle.start(() => void this.leave(app, lock));
    await app.get(ServiceManager).ready(statusOf(await app.get(VitalSigns).load()));
    return address;
  }

  private async leave(app: INestApplicationContext, lock: HomeLock): Promise<void> {
    try {
      const left = await app.get(Departure).leave(lock);
      if (!left) app.get(IdleExit).resume(() => void this.leave(app, lock));
      else if (this.stopped === undefined) this.events.idle();
    } catch (fault) {
      this.lost(`leaving for want of work went wrong: ${messageOf(fault)}`);
    }
  }

  private async announceEnd(
    app: INestApplicationContext,
    lock: HomeLock,
    { graceMs }: Ending,
  ): Promise<void> {
    await lock.leaving();
    const { working } = app.get(InstanceWorkers).gate;
    const status =
      working === 0 || graceMs === 0
        ? 'stopping'
        : `stopping: ${working} running tasks have ${formatInterval(graceMs)} to finish`;
    this.logger.log(status);
    const manager = app.get(ServiceManager);
    await manager.stopping(status);
    await manager.extendStop(graceMs + STOP_MARGIN);
  }

  private lost(reason: string): void {
    if (this.stopped === undefined) this.events.lost(reason);
  }

  /** Brings in order what a crash left, before anybody can ask or change anything. */
  private async recover(app: INestApplicationContext): Promise<void> {
    const tasks = app.get(TasksService);
    const registries = app.get(RegistriesService);
    const logger = new Logger('recovery');
    for (const instance of this.instances) {
      const left = await tasks.recover(instance.id);
      void this.removeLeftovers(app, instance, left);
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
  private async removeLeftovers(
    app: INestApplicationContext,
    instance: Instance,
    scratches: ReadonlyMap<string, string>,
  ): Promise<void> {
    const begun = new Date();
    const engine = app.get<ContainerEngine>(CONTAINER_ENGINE, { strict: false });
    const builders = app.get(FormatBuilders, { strict: false });
    for (const [task, scratch] of scratches) {
      try {
        await engine.removeLeftovers({ instance: instance.id, task });
        await builders.release(scratch);
      } catch (fault) {
        new Logger('recovery').warn(`leftovers of task ${task} remain: ${messageOf(fault)}`);
      }
      await app.get(TasksService).clear(scratch);
    }
    const images = app.get(ImagesService, { strict: false });
    await images.removeLeftovers(instance, begun).catch((fault: unknown) => {
      new Logger('recovery').warn(
        `instance ${instance.id}: copies of environments remain: ${messageOf(fault)}`,
      );
    });
  }

  /** Stops everything that was started; a second call waits for the first, see {@link hurry}. */
  stop(ending: Ending = AT_ONCE): Promise<void> {
    this.stopped ??= (async () => {
      for (const stop of this.stops.reverse()) {
        // One that cannot be stopped must not keep the others running.
        await stop(ending).catch((fault: unknown) => this.logger.warn(messageOf(fault)));
      }
    })();
    return this.stopped;
  }

  /** Ends running tasks that were given time to finish. */
  hurry(reason: string): void {
    this.app?.get(InstanceWorkers).gate.end(reason);
  }

  private async queues(): Promise<QueueOptions> {
    const options = queueOptions(this.configuration);
    const { dirs, queue } = this.configuration;
    if (queue.redis !== undefined) {
      await requireRedis(queue.redis);
      return options;
    }
    const redis = await PrivateRedis.start(join(dirs.state, 'redis'), privateRedisSocket(dirs));
    this.stops.push(() => redis.stop());
    void redis.gone.then(() => this.lost(`our redis-server at ${redis.socket} has ended`));
    return options;
  }
}
