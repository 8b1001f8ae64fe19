import { Inject } from '@nestjs/common';
import { Command, Option, SubCommand } from 'nest-commander';
import { ConnectionService } from '../connection/connection.service';
import { TaskSubmitter } from '../tasks/task-submitter.service';
import { historyTable } from '../terminal/task-text';
import { CommandGroup, CtlCommand } from './ctl-command';
import { TaskFilterCommand, type TaskFilterOptions } from './task-filter.command';

const DEFAULT_LIMIT = 10;

@SubCommand({
  name: 'list',
  description: `list finished tasks, the newest first, ${DEFAULT_LIMIT} unless told (default)`,
  options: { isDefault: true },
})
export class HistoryListCommand extends TaskFilterCommand {
  override async run(_: string[], options: TaskFilterOptions): Promise<void> {
    const client = await this.connection.client();
    const filter = this.filterOf({ limit: DEFAULT_LIMIT, ...options }, ['finished']);
    await this.printer.print(await client.searchTasks(filter), (finished, colors) =>
      finished.length === 0
        ? this.nothing(options, 'No task has finished yet.')
        : historyTable(finished, colors),
    );
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
