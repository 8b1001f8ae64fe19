/** Ctrl-C, and what came of it. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';

  /** While a task was followed, which goes on. */
  static following(task: string): Interrupted {
    return new Interrupted(`task ${task} goes on; follow it with: fatbuildrctl watch ${task}`);
  }
}
