import { SetMetadata } from '@nestjs/common';
import type { ParametersOf, TaskName } from '@fatbuildr/protocol';
import type { TaskContext } from './task-journal.port';

export const TASK_NAME = 'fatbuildr:task-name';

/** Marks the class that carries out the tasks of one name; exactly one class does. */
export const HandlesTask = (name: TaskName): ClassDecorator => SetMetadata(TASK_NAME, name);

/** Carries out a task; what it throws fails the task with the message as reason. */
export interface TaskHandler<N extends TaskName = TaskName> {
  run(parameters: ParametersOf<N>, context: TaskContext): Promise<void>;
}

/** Every task there is. The type makes a missing or misspelt name an error of compilation. */
const NAMES: Readonly<Record<TaskName, true>> = {
  'artifact build': true,
  'failed build shell': true,
  'artifact deletion': true,
  'registry reindexing': true,
  'image creation': true,
  'image update': true,
  'image shell': true,
  'image build environment creation': true,
  'image build environment update': true,
  'image build environment shell': true,
  'keyring creation': true,
  'keyring renewal': true,
  'history purge': true,
};

export const TASK_NAMES = Object.keys(NAMES) as readonly TaskName[];
