import { Injectable } from '@nestjs/common';
import type { Instance } from '@fatbuildr/instances';
import { TaskRetries, TasksService } from '@fatbuildr/tasks';
import { userOf, type Caller } from '../auth/caller';
import { Frame } from './frame/frame';
import { SeeOther } from './frame/page';

/** What the terminal of the pages is, as terminfo(5) names it. */
export const TERM = 'xterm-256color';

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
    caller: Caller,
    parameters: Parameters<TasksService['submit']>[2],
  ): Promise<SeeOther> {
    return this.page(instance, await this.tasks.submit(instance.id, userOf(caller), parameters));
  }

  async retry(instance: Instance, caller: Caller, id: string): Promise<SeeOther> {
    return this.page(instance, await this.retries.retry(instance.id, id, userOf(caller)));
  }

  private page(instance: Instance, id: string): SeeOther {
    return new SeeOther(this.frame.links(instance).task(id));
  }
}
