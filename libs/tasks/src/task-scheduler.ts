import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '@fatbuildr/config';
import { messageOf } from '@fatbuildr/errors';
import { InstancesService } from '@fatbuildr/instances';
import { Schedule, type ScheduledTask } from './schedule';
import { TaskChannel } from './task-channel';
import { claimsOf } from './task-claims';
import { TaskQueues } from './task-queues';
import { TasksService } from './tasks.service';
import { TasksStore, type WaitingTask } from './tasks.store';

/** Milliseconds until what failed is tried again. */
const RETRY_MS = 1000;
/** Milliseconds between two looks at all rows. */
const SWEEP_MS = 3000;
/** Milliseconds until a row is looked for again that its announcement came before. */
const UNSEEN_MS = 50;
/** Looks at all rows after which a task without a row is one that never was. */
const UNSEEN_SWEEPS = 5;

/**
 * Hands tasks to the workers of this process when it is their turn. It learns of tasks by changes, which any
 * process may announce, and reads their rows, which tell what is true and in which order.
 */
@Injectable()
export class TaskScheduler {
  private readonly logger = new Logger('scheduler');
  private readonly schedule: Schedule;
  /** The tasks handed to the workers that have not ended. */
  private readonly released = new Map<string, ScheduledTask>();
  /** The last row that was read; 0: all that wait are to be read. */
  private sequence = 0;
  /**
   * Tasks that were announced, and how many sweeps have missed them. Their rows may appear out of order, and
   * later than the news: who reads in the middle of a transaction sees the database as it was before.
   */
  private readonly announced = new Map<string, number>();
  /** Tasks that ended while rows are read. */
  private readonly gone = new Set<string>();
  private looking: Promise<void> | undefined;
  private again = false;
  private later: NodeJS.Timeout | undefined;
  private stopped = true;
  private sweeping: NodeJS.Timeout | undefined;

  constructor(
    private readonly tasks: TasksService,
    private readonly store: TasksStore,
    private readonly queues: TaskQueues,
    private readonly channel: TaskChannel,
    private readonly instances: InstancesService,
    @Inject(CONFIGURATION) configuration: Configuration,
  ) {
    this.schedule = new Schedule(configuration.daemon.concurrency);
  }

  /** To be called once, after recovery. */
  start(): void {
    this.stopped = false;
    this.tasks.onChange(({ id, state }) => {
      if (state === 'finished') this.ended(id);
      if (state !== 'pending') return;
      this.announced.set(id, 0);
      this.look();
    });
    this.channel.onGap(() => this.mend());
    this.look();
    // News may get lost: that costs a task this long at most.
    this.sweeping = setInterval(() => void this.sweep(), SWEEP_MS).unref();
  }

  /** Call for every task that ends, or turns out to have ended: its place is free. */
  ended(id: string): void {
    this.gone.add(id);
    this.announced.delete(id);
    this.released.delete(id);
    this.schedule.remove(id);
    this.look();
  }

  /** From here on no task is released. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.sweeping);
    await this.looking;
  }

  /** What comes while a look is under way is seen by another one. */
  private look(): void {
    this.again = true;
    if (!this.stopped) this.looking ??= this.lookWhileAsked();
  }

  private lookIn(milliseconds: number): void {
    this.later ??= setTimeout(() => {
      this.later = undefined;
      this.look();
    }, milliseconds).unref();
  }

  private async lookWhileAsked(): Promise<void> {
    while (this.again && !this.stopped) {
      this.again = false;
      try {
        await this.read();
      } catch (fault) {
        this.logger.error(`tasks that wait cannot be read: ${messageOf(fault)}`);
        this.sequence = 0;
        this.lookIn(RETRY_MS);
      }
      for (let task = this.schedule.next(); task; task = this.schedule.next()) {
        this.released.set(task.id, task);
        void this.release(task);
      }
    }
    this.looking = undefined;
  }

  private async read(): Promise<void> {
    if (this.announced.size === 0 && this.sequence > 0) return;
    const announced = [...this.announced.keys()];
    this.gone.clear();
    const instances = this.instances.list().map(({ id }) => id);
    this.admit(await this.store.waiting(instances, this.sequence));
    const missing = new Set(announced.filter((id) => !this.schedule.has(id) && !this.gone.has(id)));
    const late = missing.size > 0 ? await this.store.named([...missing]) : [];
    this.admit(
      late.filter(({ instance, state }) => state === 'pending' && instances.includes(instance)),
    );
    for (const { id } of late) missing.delete(id);
    for (const id of announced) if (!missing.has(id)) this.announced.delete(id);
    if (missing.size > 0) this.lookIn(UNSEEN_MS);
  }

  private admit(rows: readonly WaitingTask[]): void {
    for (const { sequence, id, instance, user, parameters } of rows) {
      this.sequence = Math.max(this.sequence, sequence);
      if (this.schedule.has(id) || this.gone.has(id)) continue;
      const claims = claimsOf(parameters, this.instances.get(instance));
      this.schedule.add({ id, instance, user, claims });
    }
  }

  private async release({ id, instance }: ScheduledTask): Promise<void> {
    while (!this.stopped && this.released.has(id)) {
      try {
        await this.queues.release(instance, id);
        return;
      } catch (fault) {
        this.logger.warn(`task ${id} is not queued yet: ${messageOf(fault)}`);
        await delay(RETRY_MS, undefined, { ref: false });
      }
    }
  }

  /** Holds what is known of tasks against their rows. */
  private async sweep(): Promise<void> {
    try {
      for (const id of [...this.released.keys()]) {
        const row = await this.store.find(id);
        if (row === undefined || row.state === 'finished') this.ended(id);
      }
    } catch (fault) {
      this.logger.error(`tasks cannot be looked at: ${messageOf(fault)}`);
    }
    for (const [id, sweeps] of this.announced) {
      if (sweeps < UNSEEN_SWEEPS) this.announced.set(id, sweeps + 1);
      else this.announced.delete(id);
    }
    this.mend();
  }

  /** After Redis was away: changes may have been missed, and jobs be lost. */
  private mend(): void {
    for (const task of this.released.values()) void this.release(task);
    this.sequence = 0;
    this.look();
  }
}
