import { Inject, Injectable, Logger } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '@fatbuildr/config';
import { InstancesService } from '@fatbuildr/instances';
import { queueName, TaskRunner, TaskScheduler, TasksService } from '@fatbuildr/tasks';
import { Worker, type QueueOptions } from 'bullmq';

/** The Redis of the queues, and the prefix of their keys. */
export const QUEUE_SERVER = Symbol('queue server');

/** Milliseconds a worker's hold on its job lasts when it is not renewed; builds may keep both cores busy. */
const LOCK_DURATION_MS = 120_000;

/** One worker per instance, which takes what the scheduler releases: it decides what runs at a time. */
@Injectable()
export class InstanceWorkers {
  private readonly logger = new Logger('workers');
  private readonly stopping = new AbortController();
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
        (job) => this.runner.run(job.data.id, this.stopping.signal),
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

  /** Ends the running tasks, which are recorded as failed with the reason, and takes no more. */
  async stop(): Promise<void> {
    this.stopping.abort(new Error('the daemon was stopped'));
    await this.scheduler.stop();
    await Promise.all(this.workers.map((worker) => worker.close()));
  }
}
