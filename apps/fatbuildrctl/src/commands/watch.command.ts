import { Inject } from '@nestjs/common';
import { FatbuildrError } from '@fatbuildr/errors';
import { Command } from 'nest-commander';
import { ConnectionService } from '../connection/connection.service';
import { ExitStatus } from '../exit-status';
import { TaskFollower } from '../tasks/task-follower.service';
import { Printer } from '../terminal/printer';
import { CtlCommand } from './ctl-command';

@Command({
  name: 'watch',
  arguments: '[task]',
  argsDescription: { task: 'id of the task (default: the one that runs)' },
  description: 'show what a task prints, from its start to its end',
})
export class WatchCommand extends CtlCommand {
  constructor(
    @Inject(ConnectionService) private readonly connection: ConnectionService,
    @Inject(TaskFollower) private readonly follower: TaskFollower,
    @Inject(Printer) private readonly printer: Printer,
    @Inject(ExitStatus) private readonly status: ExitStatus,
  ) {
    super();
  }

  override async run([id]: string[]): Promise<void> {
    const task = await this.follower.follow(id ?? (await this.runningTask()));
    if (task.result === 'failed') this.status.fail(task.exit_status);
    await this.printer.print(task, () => '');
  }

  private async runningTask(): Promise<string> {
    const running = await (await this.connection.client()).running();
    if (running) return running.id;
    throw new FatbuildrError(
      'TASK.NONE_RUNNING',
      'no task is running; name a task to watch it (fatbuildrctl list, fatbuildrctl history)',
    );
  }
}
