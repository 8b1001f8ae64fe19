import { Injectable } from '@nestjs/common';
import { DiscoveryService, Reflector } from '@nestjs/core';
import type { TaskName } from '@fatbuildr/protocol';
import { RESUBMITS, type TaskResubmission } from './task-resubmission.port';
import { notEnded, unknownTask } from './tasks.errors';
import { TasksService } from './tasks.service';
import { TasksStore } from './tasks.store';

/** Submits ended tasks again: as tasks of their own, which name the old one. */
@Injectable()
export class TaskRetries {
  constructor(
    private readonly store: TasksStore,
    private readonly tasks: TasksService,
    private readonly discovery: DiscoveryService,
    private readonly reflector: Reflector,
  ) {}

  /**
   * @param user who retries, which need not be who submitted the old task
   * @param as id of the new task, for who has promised it already
   * @returns the id of the new task
   * @throws FatbuildrError `TASKS.UNKNOWN`, `TASKS.NOT_ENDED`, or why what was submitted with the old
   *   task cannot be had any more
   */
  async retry(instance: string, id: string, user: string, as?: string): Promise<string> {
    const task = await this.store.find(id);
    if (task === undefined || task.instance !== instance) throw unknownTask(id, instance);
    const { state, parameters, place, submitted } = task;
    if (state !== 'finished') throw notEnded(id, state);
    const again = async (workspace: string) =>
      (await this.resubmission(parameters.name)?.resubmit(parameters, place, workspace, {
        id,
        submitted,
      })) ?? parameters;
    return this.tasks.submit(instance, user, again, id, as);
  }

  private resubmission(name: TaskName): TaskResubmission | undefined {
    const found = this.discovery
      .getProviders()
      .find(({ metatype }) => metatype && this.reflector.get(RESUBMITS, metatype) === name);
    return found?.instance as TaskResubmission | undefined;
  }
}
