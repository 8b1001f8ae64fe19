import { getQueueToken } from '@nestjs/bullmq';
import { Injectable } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { Database } from '@fatbuildr/database';
import { messageOf } from '@fatbuildr/errors';
import { InstancesService } from '@fatbuildr/instances';
import { queueName } from '@fatbuildr/tasks';
import type { Queue } from 'bullmq';

/** Milliseconds each part has to answer. */
const PATIENCE_MS = 2000;

export interface Readiness {
  /** Whether requests are answered as they should be. */
  ready: boolean;
  database: string;
  queue: string;
  /** `away` is no fault: an idle daemon leaves, and is woken by what it is needed for. */
  daemon: 'running' | 'away' | 'unknown';
}

/** Whether the parts that the server needs are there. */
@Injectable()
export class ReadinessProbe {
  constructor(
    private readonly database: Database,
    private readonly instances: InstancesService,
    private readonly modules: ModuleRef,
  ) {}

  async probe(): Promise<Readiness> {
    const [database, queue] = await Promise.all([
      outcome(this.database.dataSource.query('SELECT 1')),
      outcome(this.workers()),
    ]);
    return {
      ready: database.word === 'ok' && queue.word === 'ok',
      database: database.word,
      queue: queue.word,
      daemon: queue.value === undefined ? 'unknown' : queue.value > 0 ? 'running' : 'away',
    };
  }

  /** How many of the daemon's workers are connected to the first queue; they are with all or none. */
  private async workers(): Promise<number> {
    const [first] = this.instances.list();
    if (first === undefined) return 0;
    const queue = this.modules.get<Queue>(getQueueToken(queueName(first.id)), { strict: false });
    return queue.getWorkersCount();
  }
}

async function outcome<T>(asked: Promise<T>): Promise<{ word: string; value?: T }> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('does not answer')), PATIENCE_MS);
  });
  try {
    return { word: 'ok', value: await Promise.race([asked, patience]) };
  } catch (fault) {
    return { word: messageOf(fault) };
  } finally {
    clearTimeout(timer);
  }
}
