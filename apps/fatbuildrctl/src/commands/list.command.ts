import { Command } from 'nest-commander';
import { tasksTable } from '../terminal/task-text';
import { TaskFilterCommand, type TaskFilterOptions } from './task-filter.command';

@Command({ name: 'list', description: 'list the running tasks and those that wait' })
export class ListCommand extends TaskFilterCommand {
  override async run(_: string[], options: TaskFilterOptions): Promise<void> {
    const client = await this.connection.client();
    const found = await client.searchTasks(this.filterOf(options, ['running', 'pending']));
    // In the order in which they were submitted, those that run first.
    const isRunning = ({ state }: (typeof found)[number]) => Number(state === 'running');
    const tasks = found.reverse().sort((a, b) => isRunning(b) - isRunning(a));
    await this.printer.print(tasks, (shown, colors) =>
      shown.length === 0
        ? this.nothing(options, 'No task is running or waiting.')
        : tasksTable(shown, colors),
    );
  }
}
