import { Injectable } from '@nestjs/common';
import type { ParametersOf } from '@fatbuildr/protocol';
import { HandlesTask, TaskPurge, type TaskContext, type TaskHandler } from '@fatbuildr/tasks';

@Injectable()
@HandlesTask('history purge')
export class HistoryPurgeProcessor implements TaskHandler<'history purge'> {
  constructor(private readonly purge: TaskPurge) {}

  run(_parameters: ParametersOf<'history purge'>, context: TaskContext): Promise<void> {
    return context.journal.step('purge', () => this.purge.run(context));
  }
}
