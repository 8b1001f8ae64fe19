import { Injectable } from '@nestjs/common';
import type { TaskParameters } from '@fatbuildr/protocol';
import { KeyedSubmissions, TasksService } from '@fatbuildr/tasks';
import { userOf } from '../../auth/caller';
import { ApiLinks } from '../links';
import { taskDto, type TaskDto } from '../tasks/task.dto';
import type { SubmissionCall } from './submission.decorators';

/** Submits what routes ask for, once per key, and answers with the task. */
@Injectable()
export class Submissions {
  constructor(
    private readonly tasks: TasksService,
    private readonly keyed: KeyedSubmissions,
    private readonly links: ApiLinks,
  ) {}

  submit(
    call: SubmissionCall,
    parameters: TaskParameters | ((workspace: string) => Promise<TaskParameters>),
  ): Promise<TaskDto> {
    const { instance, caller } = call;
    return this.once(call, (id) =>
      this.tasks.submit(instance.id, userOf(caller), parameters, null, id),
    );
  }

  /** @param submit submits under the id it is given, or one of its own; answers the id */
  async once(call: SubmissionCall, submit: (id?: string) => Promise<string>): Promise<TaskDto> {
    const { instance, caller, key, request } = call;
    const keyed = { instance: instance.id, caller: userOf(caller), key: key ?? '', request };
    const id = key === undefined ? await submit() : await this.keyed.once(keyed, submit);
    const task = taskDto(this.links, instance, await this.tasks.get(instance.id, id));
    void call.reply.header('location', task.links.self);
    return task;
  }
}
