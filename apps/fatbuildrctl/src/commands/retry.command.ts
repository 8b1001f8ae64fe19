import { Inject } from '@nestjs/common';
import { Command, Option } from 'nest-commander';
import { ConnectionService } from '../connection/connection.service';
import { TaskSubmitter } from '../tasks/task-submitter.service';
import { CtlCommand } from './ctl-command';

@Command({
  name: 'retry',
  arguments: '<task>',
  argsDescription: { task: 'id of a finished task' },
  description: 'submit a finished task again, as a new one',
})
export class RetryCommand extends CtlCommand {
  constructor(
    @Inject(ConnectionService) private readonly connection: ConnectionService,
    @Inject(TaskSubmitter) private readonly tasks: TaskSubmitter,
  ) {
    super();
  }

  override async run([id = '']: string[], options: { batch?: boolean }): Promise<void> {
    const client = await this.connection.client();
    const request = { title: `retry of ${id}`, submit: () => client.taskRetry(id) };
    await this.tasks.one(request, options.batch === true);
  }

  @Option({ flags: '--batch', description: 'do not follow the task' })
  parseBatch(): boolean {
    return true;
  }
}
