import { getQueueToken } from '@nestjs/bullmq';
import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { InstancesService } from '@fatbuildr/instances';
import { queueUnusable } from './tasks.errors';
import type { Queue } from 'bullmq';

/** BullMQ keeps this many ended jobs; the record of a task is its row. */
const KEPT_JOBS = 100;

/** Name of the queue of an instance in BullMQ, which allows no colon. */
export const queueName = (instance: string) => `fatbuildr-${instance}`;

/** The queue of each instance: carries task ids from the submission to the processors. */
@Injectable()
export class TaskQueues implements OnModuleInit {
  private readonly logger = new Logger('queue');

  constructor(
    private readonly modules: ModuleRef,
    private readonly instances: InstancesService,
  ) {}

  onModuleInit(): void {
    for (const { id } of this.instances.list()) {
      // Without a listener an event `error` would end the process.
      this.of(id).on('error', (fault) => this.logger.warn(`instance ${id}: ${fault.message}`));
    }
  }

  /** Queues a task; a task that is queued already stays where it is. */
  async add(instance: string, id: string): Promise<void> {
    const kept = { removeOnComplete: KEPT_JOBS, removeOnFail: KEPT_JOBS };
    await this.of(instance)
      .add('task', { id }, { jobId: id, attempts: 1, ...kept })
      .catch((fault: unknown) => {
        throw queueUnusable(fault);
      });
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

  private of(instance: string): Queue<{ id: string }> {
    return this.modules.get<Queue<{ id: string }>>(getQueueToken(queueName(instance)), {
      strict: false,
    });
  }
}
