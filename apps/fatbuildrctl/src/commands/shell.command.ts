import { Inject } from '@nestjs/common';
import { Command, Option } from 'nest-commander';
import { ConnectionService } from '../connection/connection.service';
import { chosenShell } from '../submission/chosen-shell';
import { TaskSubmitter } from '../tasks/task-submitter.service';
import { Terminal } from '../terminal/terminal';
import { CtlCommand } from './ctl-command';

@Command({
  name: 'shell',
  arguments: '<task> [command...]',
  argsDescription: {
    task: 'id of a failed build',
    command: 'program and arguments, behind "--" (default: a shell)',
  },
  description: 'a shell in the container that build --keep-failed kept of a failed build',
})
export class ShellCommand extends CtlCommand {
  constructor(
    @Inject(ConnectionService) private readonly connection: ConnectionService,
    @Inject(TaskSubmitter) private readonly tasks: TaskSubmitter,
    @Inject(Terminal) private readonly terminal: Terminal,
  ) {
    super();
  }

  override async run([id = '', ...command]: string[], options: { batch?: boolean }): Promise<void> {
    const batch = options.batch === true;
    const { shell, piped } = chosenShell(command, [id], batch, this.terminal);
    const client = await this.connection.client();
    const request = { title: `shell in ${id}`, submit: () => client.buildShell(id, shell), piped };
    await this.tasks.one(request, batch);
  }

  @Option({ flags: '--batch', description: 'do not follow the task' })
  parseBatch(): boolean {
    return true;
  }
}
