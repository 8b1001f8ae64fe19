/** Ctrl-C while a task was followed. */
export class Interrupted extends Error {
  constructor(readonly task: string) {
    super(`task ${task} goes on; follow it with: fatbuildrctl watch ${task}`);
    this.name = 'Interrupted';
  }
}
