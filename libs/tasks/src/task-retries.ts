import { Injectable } from '@nestjs/common';
import { TaskRunner } from './task-runner';
import { notEnded, unknownTask } from './tasks.errors';
import { TasksService } from './tasks.service';
import { TasksStore } from './tasks.store';

/** Submits ended tasks again: as tasks of their own, which name the old one. */
@Injectable()
export class TaskRetries {
  constructor(
    private readonly store: TasksStore,
    private readonly tasks: TasksService,
    private readonly runner: TaskRunner,
  ) {}

  /**
   * @param user who retries, which need not be who submitted the old task
   * @returns the id of the new task
   * @throws FatbuildrError `TASKS.UNKNOWN`, `TASKS.NOT_ENDED`, or why what was submitted with the old
   *   task cannot be had any more
   */
  async retry(instance: string, id: string, user: string): Promise<string> {
    const task = await this.store.find(id);
    if (task === undefined || task.instance !== instance) throw unknownTask(id, instance);
    const { state, parameters, place } = task;
    if (state !== 'finished') throw notEnded(id, state);
    const handler = this.runner.handler(parameters.name);
    const again = async (workspace: string) =>
      (await handler.resubmit?.(parameters, place, workspace)) ?? parameters;
    return this.tasks.submit(instance, user, again, id);
  }
}
