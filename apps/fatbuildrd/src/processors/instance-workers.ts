import { Inject, Injectable, Logger } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '@fatbuildr/config';
import { InstancesService } from '@fatbuildr/instances';
import { queueName, TaskRunner, TaskScheduler, TasksService } from '@fatbuildr/tasks';
import { Worker, type QueueOptions } from 'bullmq';
import { TaskGate } from './task-gate';

/** The Redis of the queues, and the prefix of their keys. */
export const QUEUE_SERVER = Symbol('queue server');

/** Milliseconds a worker's hold on its job lasts when it is not renewed; builds may keep both cores busy. */
const LOCK_DURATION_MS = 120_000;

/** One worker per instance, which takes what the scheduler releases: it decides what runs at a time. */
@Injectable()
export class InstanceWorkers {
  private readonly logger = new Logger('workers');
  readonly gate = new TaskGate();
  private workers: Worker[] = [];

  constructor(
    private readonly instances: InstancesService,
    private readonly tasks: TasksService,
    private readonly scheduler: TaskScheduler,
    private readonly runner: TaskRunner,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    @Inject(QUEUE_SERVER) private readonly server: QueueOptions,
  ) {}

  async start(): Promise<void> {
    await this.tasks.serveCancellation();
    this.workers = this.instances.list().map(({ id }) => {
      const worker = new Worker<{ id: string }>(
        queueName(id),
        (job) => this.gate.pass((stop) => this.runner.run(job.data.id, stop)),
        {
          ...this.server,
          // What has ended may still serve slow clients, or be just put away, when the next starts.
          concurrency: 2 * this.configuration.daemon.concurrency,
          lockDuration: LOCK_DURATION_MS,
          maxStalledCount: 0,
        },
      );
      worker.on('error', (fault) => this.logger.warn(`instance ${id}: ${fault.message}`));
      worker.on('failed', (_job, fault) => this.logger.error(fault));
      return worker;
    });
    this.scheduler.start();
  }

  /** Whether every worker looks for tasks. */
  get alive(): boolean {
    return this.workers.every((worker) => worker.isRunning());
  }

  /**
   * Takes no more tasks, gives the running ones time to finish, and ends what still runs, which is recorded
   * as failed with the reason. `gate.end` cuts the time short.
   */
  async stop(reason = 'the daemon was stopped', graceMs = 0): Promise<void> {
    this.gate.hold();
    await this.scheduler.stop();
    await this.gate.quiet(graceMs);
    this.gate.end(reason);
    await this.gate.quiet();
    // All that counts is in the rows by now; the server of the queues may be gone, and would be waited for.
    await Promise.all(this.workers.map((worker) => worker.close(true)));
  }
}
