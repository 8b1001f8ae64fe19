import { SetMetadata } from '@nestjs/common';
import type { ParametersOf, TaskName } from '@fatbuildr/protocol';

export const RESUBMITS = 'fatbuildr:resubmits';

/** Marks the class that knows what comes along with the tasks of one name; tasks without files need none. */
export const Resubmits = (name: TaskName): ClassDecorator => SetMetadata(RESUBMITS, name);

/** Submits again what was submitted with a task; any program that can submit such tasks has it. */
export interface TaskResubmission<N extends TaskName = TaskName> {
  /**
   * Copies what was submitted with a task from its workspace into that of its retry.
   *
   * @param repeated the task that is repeated; its submission in milliseconds since the epoch
   * @returns the parameters of the retry
   */
  resubmit(
    parameters: ParametersOf<N>,
    from: string,
    to: string,
    repeated: { id: string; submitted: number },
  ): Promise<ParametersOf<N>>;
}
