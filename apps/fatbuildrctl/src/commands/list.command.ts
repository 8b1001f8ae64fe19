import { Inject } from '@nestjs/common';
import { Command } from 'nest-commander';
import { ConnectionService } from '../connection/connection.service';
import { Printer } from '../terminal/printer';
import { tasksTable } from '../terminal/task-text';
import { CtlCommand } from './ctl-command';

@Command({ name: 'list', description: 'list the tasks that run and those that wait' })
export class ListCommand extends CtlCommand {
  constructor(
    @Inject(ConnectionService) private readonly connection: ConnectionService,
    @Inject(Printer) private readonly printer: Printer,
  ) {
    super();
  }

  override async run(): Promise<void> {
    const client = await this.connection.client();
    const [running, queue] = await Promise.all([client.runningTasks(), client.queue()]);
    // A task that starts between the two answers is in both.
    const waiting = queue.filter((task) => !running.some(({ id }) => id === task.id));
    await this.printer.print([...running, ...waiting], (tasks, colors) =>
      tasks.length === 0 ? 'No task is running or waiting.' : tasksTable(tasks, colors),
    );
  }
}
