import { Inject, Injectable, Logger } from '@nestjs/common';
import { queueUnusable } from './tasks.errors';
import type { JobsOptions, Queue, RedisOptions } from 'bullmq';
import { onRepeatedFault } from './repeated-fault';

/** Token of the queues of all instances. */
export const QUEUES = Symbol('queues');

/** BullMQ keeps this many ended jobs; the record of a task is its row. */
const KEPT_JOBS = 100;

/** Milliseconds, ten years: a job waits until it is released, however long that takes. */
const UNTIL_RELEASED = 10 * 365 * 24 * 3600 * 1000;

/** What BullMQ puts before the names of its keys unless it is told otherwise. */
const DEFAULT_PREFIX = 'bull';

/** Name of the queue of an instance in BullMQ, which allows no colon. */
export const queueName = (instance: string) => `fatbuildr-${instance}`;

const JOB = 'task';

function jobOptions(id: string, delay: number): JobsOptions {
  return { jobId: id, delay, attempts: 1, removeOnComplete: KEPT_JOBS, removeOnFail: KEPT_JOBS };
}

/** The queue of each instance: carries task ids from the submission to the processors. */
@Injectable()
export class TaskQueues {
  private readonly logger = new Logger('queue');
  private readonly queues: ReadonlyMap<string, Queue<{ id: string }>>;

  constructor(@Inject(QUEUES) queues: readonly Queue<{ id: string }>[]) {
    this.queues = new Map(queues.map((queue) => [queue.name, queue]));
    for (const queue of queues) {
      // As early as can be: without a listener, a server that is not there yet prints the fault's stack.
      queue.on(
        'error',
        onRepeatedFault((message) => this.logger.warn(`${queue.name}: ${message}`)),
      );
    }
  }

  /** The Redis that carries the queues, and what the names of keys and channels there begin with. */
  get server(): { connection: RedisOptions; prefix: string } {
    const { connection, prefix } = [...this.queues.values()][0]!.opts;
    // Connections of others wait for Redis, also when submissions do not.
    const waiting = { ...connection, enableOfflineQueue: true };
    return { connection: waiting, prefix: prefix ?? DEFAULT_PREFIX };
  }

  /** Queues tasks, which wait there until they are released; one that is queued already stays where it is. */
  async add(instance: string, ...ids: string[]): Promise<void> {
    const jobs = ids.map((id) => ({
      name: JOB,
      data: { id },
      opts: jobOptions(id, UNTIL_RELEASED),
    }));
    // In bulk they are one transaction, which costs more than it saves for one.
    const queue = this.of(instance);
    const added: Promise<unknown> =
      jobs.length === 1 ? queue.add(JOB, jobs[0]!.data, jobs[0]!.opts) : queue.addBulk(jobs);
    await added.catch((fault: unknown) => {
      throw queueUnusable(fault);
    });
  }

  /** Hands a task to the workers. */
  async release(instance: string, id: string): Promise<void> {
    const queue = this.of(instance);
    try {
      await queue.getBackend().promote(id);
    } catch {
      // The queue was lost, or its job ended without the task, and would keep another one of that id away.
      // One that a worker has stays.
      await queue.remove(id);
      await queue.add(JOB, { id }, jobOptions(id, 0));
    }
  }

  /** Takes a task out of its queue; one that a worker has by now stays, its row tells the worker the rest. */
  async remove(instance: string, id: string): Promise<void> {
    await this.of(instance).remove(id);
  }

  /**
   * Empties the queue of an instance. After a crash it may hold jobs that a dead worker took but never
   * claimed the row of; the pending rows tell what is really due.
   */
  async reset(instance: string): Promise<void> {
    await this.of(instance).obliterate({ force: true });
  }

  /** Resolves when the server of the queues answers. */
  async answer(): Promise<void> {
    for (const queue of this.queues.values()) await queue.getJobCounts();
  }

  private of(instance: string): Queue<{ id: string }> {
    return this.queues.get(queueName(instance))!;
  }
}
