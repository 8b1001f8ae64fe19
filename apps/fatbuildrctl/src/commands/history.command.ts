import { Inject } from '@nestjs/common';
import { Command, Option, SubCommand } from 'nest-commander';
import { usageError } from '../command-line/usage.errors';
import { ConnectionService } from '../connection/connection.service';
import { TaskSubmitter } from '../tasks/task-submitter.service';
import { Printer } from '../terminal/printer';
import { tasksTable } from '../terminal/task-text';
import { CommandGroup, CtlCommand } from './ctl-command';

const DEFAULT_LIMIT = 10;

@SubCommand({
  name: 'list',
  description: 'list finished tasks, the newest first (default)',
  options: { isDefault: true },
})
export class HistoryListCommand extends CtlCommand {
  constructor(
    @Inject(ConnectionService) private readonly connection: ConnectionService,
    @Inject(Printer) private readonly printer: Printer,
  ) {
    super();
  }

  override async run(_: string[], options: { limit?: number }): Promise<void> {
    const client = await this.connection.client();
    const tasks = await client.history(options.limit ?? DEFAULT_LIMIT);
    await this.printer.print(tasks, (finished, colors) =>
      finished.length === 0 ? 'No task has finished yet.' : tasksTable(finished, colors),
    );
  }

  @Option({ flags: '-l, --limit <number>', description: `how many (default: ${DEFAULT_LIMIT})` })
  parseLimit(value: string): number {
    const limit = Number(value);
    if (!Number.isInteger(limit) || limit < 1) {
      throw usageError(`option --limit needs a number from 1 on, got "${value}"`);
    }
    return limit;
  }
}

@SubCommand({
  name: 'purge',
  description: 'remove the finished tasks that [tasks] purge of the daemon does not keep',
})
export class HistoryPurgeCommand extends CtlCommand {
  constructor(
    @Inject(ConnectionService) private readonly connection: ConnectionService,
    @Inject(TaskSubmitter) private readonly tasks: TaskSubmitter,
  ) {
    super();
  }

  override async run(_: string[], options: { batch?: boolean }): Promise<void> {
    const client = await this.connection.client();
    const request = { title: 'history purge', submit: () => client.historyPurge() };
    await this.tasks.one(request, options.batch === true);
  }

  @Option({ flags: '--batch', description: 'do not follow the task' })
  parseBatch(): boolean {
    return true;
  }
}

@Command({
  name: 'history',
  description: 'show the tasks that have finished',
  subCommands: [HistoryListCommand, HistoryPurgeCommand],
})
export class HistoryCommand extends CommandGroup {}
