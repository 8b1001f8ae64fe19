import { Inject, Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '@fatbuildr/config';
import { Redis } from 'ioredis';
import { queueOptions } from './queue-options';
import { RunningTasks } from './running-tasks';
import { cancelledBy } from './tasks.errors';

interface Cancellation {
  id: string;
  user: string;
}

/**
 * Brings the wish to end a running task from the process that was asked to the one that runs it, through
 * the Redis of the queues.
 */
@Injectable()
export class TaskCancellations implements OnModuleDestroy {
  private readonly logger = new Logger('cancellations');
  private readonly channel: string;
  private listener: Redis | undefined;
  private sender: Redis | undefined;

  constructor(
    private readonly running: RunningTasks,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {
    const { prefix = 'fatbuildr' } = queueOptions(configuration);
    this.channel = `${prefix}:cancellations`;
  }

  /** From here on tasks of this process can be cancelled from others. */
  async listen(): Promise<void> {
    this.listener = this.connect();
    this.listener.on('message', (_channel, text) => {
      const { id, user } = JSON.parse(text) as Cancellation;
      this.running.abort(id, cancelledBy(user));
    });
    await this.listener.subscribe(this.channel);
  }

  /** Whether this process is the one that runs tasks. */
  get listening(): boolean {
    return this.listener !== undefined;
  }

  /** @returns whether a process that runs tasks was told */
  async send(cancellation: Cancellation): Promise<boolean> {
    this.sender ??= this.connect();
    return (await this.sender.publish(this.channel, JSON.stringify(cancellation))) > 0;
  }

  onModuleDestroy(): void {
    this.listener?.disconnect();
    this.sender?.disconnect();
  }

  private connect(): Redis {
    const { dirs, queue } = this.configuration;
    const { connection } = queueOptions({ dirs, queue });
    const redis =
      queue.redis === undefined
        ? new Redis(connection as { path: string })
        : new Redis(queue.redis);
    // It connects again by itself; without a listener an event `error` would end the process.
    redis.on('error', (fault: Error) => this.logger.warn(fault.message));
    return redis;
  }
}
