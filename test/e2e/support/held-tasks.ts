import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** A hook that keeps every task that starts waiting for as long as a test wants it to run. */
export class HeldTasks {
  readonly hook: string;
  private readonly begun: string;
  private readonly door: string;

  constructor(folder: string) {
    this.hook = join(folder, 'hook');
    this.begun = join(folder, 'begun');
    this.door = join(folder, 'door');
  }

  async install(): Promise<void> {
    await writeFile(
      this.hook,
      `#!/bin/sh
[ "$1" = start ] || exit 0
echo "$FATBUILDR_TASK_ID" >> ${this.begun}
while [ -e ${this.door} ]; do sleep 0.05; done
`,
    );
    await chmod(this.hook, 0o755);
    await writeFile(this.begun, '');
  }

  /** Tasks that start from now on do not go on. */
  hold(): Promise<void> {
    return writeFile(this.door, '');
  }

  letGo(): Promise<void> {
    return rm(this.door, { force: true });
  }

  /** Ids of the tasks that were begun, once for each time. */
  async list(): Promise<string[]> {
    return (await readFile(this.begun, 'utf8')).split('\n').filter(Boolean);
  }

  /** Resolves when a task runs. */
  async runs(id: string): Promise<void> {
    while (!(await this.list()).includes(id)) await delay(20);
  }
}
