import { Inject } from '@nestjs/common';
import { Command, Option, SubCommand } from 'nest-commander';
import { usageError } from '../command-line/usage.errors';
import { ConnectionService } from '../connection/connection.service';
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

@Command({
  name: 'history',
  description: 'show the tasks that have finished',
  subCommands: [HistoryListCommand],
})
export class HistoryCommand extends CommandGroup {}
