import { Inject, Injectable } from '@nestjs/common';
import type { TaskDescription } from '@fatbuildr/protocol';
import { ConnectionService } from '../connection/connection.service';
import { ExitStatus } from '../exit-status';
import { Printer } from '../terminal/printer';
import { Terminal } from '../terminal/terminal';
import { TaskFollower } from './task-follower.service';

export interface TaskRequest {
  /** What is asked for, in a few words. */
  title: string;
  /** Answers the id of the task. */
  submit: () => Promise<string>;
  /** What is left to do when the task has succeeded, given its id. */
  finish?: ((id: string) => Promise<void>) | undefined;
  /** Whether the task reads our standard input, and ours is the standard output of its command alone. */
  piped?: boolean;
}

/** Submits tasks one after the other: each is followed to its end before the next, unless in a batch. */
@Injectable()
export class TaskSubmitter {
  constructor(
    @Inject(ConnectionService) private readonly connection: ConnectionService,
    @Inject(TaskFollower) private readonly follower: TaskFollower,
    @Inject(Terminal) private readonly terminal: Terminal,
    @Inject(Printer) private readonly printer: Printer,
    @Inject(ExitStatus) private readonly status: ExitStatus,
  ) {}

  async one(request: TaskRequest, batch: boolean): Promise<void> {
    const task = await this.submit(request, batch);
    await this.printer.print(task, () => '');
  }

  async each(requests: readonly TaskRequest[], batch: boolean): Promise<void> {
    const tasks: TaskDescription[] = [];
    for (const request of requests) tasks.push(await this.submit(request, batch));
    await this.printer.print(tasks, () => '');
  }

  private async submit(
    { title, submit, finish, piped = false }: TaskRequest,
    batch: boolean,
  ): Promise<TaskDescription> {
    const id = await submit();
    const { messages, progress } = this.terminal;
    (piped ? messages : progress).write(`Task ${id} submitted: ${title}\n`);
    const client = await this.connection.client();
    const task = batch ? await client.task(id) : await this.follower.follow(id, piped);
    if (task.result === 'success') await finish?.(id);
    if (task.result === 'failed') this.status.fail(task.exit_status);
    return task;
  }
}
