import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { TaskResult, TaskState } from '@fatbuildr/protocol';
import type { RedisOptions } from 'bullmq';
import { Redis } from 'ioredis';
import { onRepeatedFault } from './repeated-fault';
import { TaskQueues } from './task-queues';

export interface TaskChange {
  instance: string;
  id: string;
  state: TaskState;
  result: TaskResult;
}

export interface CancelRequest {
  id: string;
  /** Who cancels. */
  user: string;
}

/** What one process tells the others, itself excepted. */
interface Message {
  from: string;
  changes: TaskChange[];
}

/** Milliseconds a request may take to reach those who listen. */
const REQUEST_LIMIT_MS = 5000;
/** Milliseconds the last announcements of a process may take. */
const CLOSING_LIMIT_MS = 1000;

/**
 * Carries news of tasks between the processes that share an installation, over the Redis of its queues.
 * Rows tell what is true: who missed something while Redis was away is told to look at them.
 */
@Injectable()
export class TaskChannel implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger('tasks');
  private readonly events = new EventEmitter().setMaxListeners(0);
  private readonly self = randomUUID();
  private sender!: Redis;
  private receiver!: Redis;
  private unsent: TaskChange[] = [];

  constructor(private readonly queues: TaskQueues) {}

  onModuleInit(): void {
    this.sender = this.connect({ commandTimeout: REQUEST_LIMIT_MS });
    this.receiver = this.connect({});
    this.receiver.on('message', (channel: string, text: string) => this.receive(channel, text));
    // The first time as well: whoever only reads starts without the Redis of a daemon that is idle.
    this.receiver.on('ready', () => void this.closeGap());
  }

  /** Tells the other processes; those that cannot be reached now will look at the rows. */
  announce(change: TaskChange): void {
    if (this.unsent.push(change) === 1) setImmediate(() => this.send());
  }

  onChange(listener: (change: TaskChange) => void): void {
    this.events.on('change', listener);
  }

  /** Called when changes may have been missed. */
  onGap(listener: () => void): void {
    this.events.on('gap', listener);
  }

  /** For a process that runs tasks: it answers the requests of those that don't. */
  async serveCancellation(listener: (request: CancelRequest) => void): Promise<void> {
    this.events.on('cancel', listener);
    await this.receiver.subscribe(this.cancels);
  }

  /** @returns whether there is a process that runs tasks, and was told */
  async requestCancel(request: CancelRequest): Promise<boolean> {
    const told = await this.sender.publish(this.cancels, JSON.stringify(request)).catch(() => 0);
    return told > 0;
  }

  async onApplicationShutdown(): Promise<void> {
    if (this.unsent.length > 0) await new Promise(setImmediate);
    const limit = delay(CLOSING_LIMIT_MS, undefined, { ref: false });
    if (this.sender.status === 'ready') await Promise.race([this.sender.quit(), limit]);
    this.sender.disconnect();
    this.receiver.disconnect();
  }

  private connect(options: RedisOptions): Redis {
    const { url, ...rest } = { ...this.queues.server.connection, ...options };
    const redis = url === undefined ? new Redis(rest) : new Redis(url, rest);
    return redis.on(
      'error',
      onRepeatedFault((message) => this.logger.warn(`redis: ${message}`)),
    );
  }

  private async closeGap(): Promise<void> {
    // Once this is answered nothing is missed any more.
    await this.receiver.subscribe(this.changes).catch(() => undefined);
    this.events.emit('gap');
  }

  private send(): void {
    const message: Message = { from: this.self, changes: this.unsent };
    this.unsent = [];
    // Who listens looks at the rows once Redis is back.
    this.sender.publish(this.changes, JSON.stringify(message)).catch(() => undefined);
  }

  private receive(channel: string, text: string): void {
    if (channel === this.cancels) {
      this.events.emit('cancel', JSON.parse(text));
      return;
    }
    const { from, changes } = JSON.parse(text) as Message;
    if (from === this.self) return;
    for (const change of changes) this.events.emit('change', change);
  }

  private get changes(): string {
    return `${this.queues.server.prefix}:tasks:changes`;
  }

  private get cancels(): string {
    return `${this.queues.server.prefix}:tasks:cancels`;
  }
}
