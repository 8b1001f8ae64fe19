import { Injectable } from '@nestjs/common';
import type { Instance } from '@fatbuildr/instances';
import { TaskRetries, TasksService } from '@fatbuildr/tasks';
import type { Caller } from '../auth/caller';
import { Frame } from './frame/frame';
import { SeeOther } from './frame/page';

/** Whose tasks are those of callers without a name, where the policy lets them submit any. */
const ANONYMOUS = 'anonymous';

/** Submits what forms ask for; the answer is the page of the task. */
@Injectable()
export class PageTasks {
  constructor(
    private readonly tasks: TasksService,
    private readonly retries: TaskRetries,
    private readonly frame: Frame,
  ) {}

  async submit(
    instance: Instance,
    { user = ANONYMOUS }: Caller,
    parameters: Parameters<TasksService['submit']>[2],
  ): Promise<SeeOther> {
    return this.page(instance, await this.tasks.submit(instance.id, user, parameters));
  }

  async retry(instance: Instance, { user = ANONYMOUS }: Caller, id: string): Promise<SeeOther> {
    return this.page(instance, await this.retries.retry(instance.id, id, user));
  }

  private page(instance: Instance, id: string): SeeOther {
    return new SeeOther(this.frame.links(instance).task(id));
  }
}
