import { Inject } from '@nestjs/common';
import { Command } from 'nest-commander';
import { ConnectionService } from '../connection/connection.service';
import { Printer } from '../terminal/printer';
import { CtlCommand } from './ctl-command';

@Command({
  name: 'cancel',
  arguments: '<task>',
  argsDescription: { task: 'id of a pending or running task' },
  description: 'end a task before its time',
})
export class CancelCommand extends CtlCommand {
  constructor(
    @Inject(ConnectionService) private readonly connection: ConnectionService,
    @Inject(Printer) private readonly printer: Printer,
  ) {
    super();
  }

  override async run([id = '']: string[]): Promise<void> {
    const client = await this.connection.client();
    const ended = await client.taskCancel(id);
    await this.printer.print(await client.task(id), () =>
      ended ? `Task ${id} is cancelled, it will not run.` : `Task ${id} was told to stop.`,
    );
  }
}
