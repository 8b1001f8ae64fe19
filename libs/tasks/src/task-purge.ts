import { Readable } from 'node:stream';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIGURATION, parsePurge, type Configuration } from '@fatbuildr/config';
import { messageOf } from '@fatbuildr/errors';
import { removeTree, run } from '@fatbuildr/processes';
import { tasksToPurge } from './purge-choice';
import type { TaskContext } from './task-journal.port';
import type { TaskEntity } from './tasks.entity';
import { TasksStore } from './tasks.store';

/** Removes from the history what the policy `[tasks] purge` does not keep. */
@Injectable()
export class TaskPurge {
  private readonly listeners: ((id: string) => Promise<void>)[] = [];

  constructor(
    private readonly store: TasksStore,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {}

  /** Tasks that have not ended are none of its business, which includes the one that purges. */
  async run({ task: { instance }, journal, signal }: TaskContext): Promise<void> {
    const written = this.configuration.tasks.purge;
    const policy = parsePurge(written);
    const ended = await this.store.ended(instance, 0);
    let sizes = policy.kind === 'size' ? await sizesOf(ended, signal) : undefined;
    const chosen = tasksToPurge(policy, ended, Date.now(), ({ place }) => sizes?.get(place) ?? 0);
    sizes ??= await sizesOf(chosen, signal);
    let removed = 0;
    let bytes = 0;
    for (const task of chosen) {
      signal.throwIfAborted();
      try {
        await this.remove(task);
      } catch (fault) {
        journal.log('warning', `Task ${task.id} remains: ${messageOf(fault)}`);
        continue;
      }
      removed += 1;
      bytes += sizes.get(task.place) ?? 0;
      journal.log('info', `Removed task ${task.id}: ${task.parameters.name}, ${endOf(task)}`);
    }
    journal.log(
      'info',
      `Removed ${removed} of ${ended.length} tasks, ${(bytes / 1e6).toFixed(1)} MB, by the policy ${written}`,
    );
  }

  /** Called before a task is removed, to remove what belongs to it elsewhere; what it throws keeps the task. */
  beforeRemoval(listener: (id: string) => Promise<void>): void {
    this.listeners.push(listener);
  }

  /** The workspace first: a purge that dies in between finds the row again and repeats it. */
  private async remove({ id, place }: TaskEntity): Promise<void> {
    for (const listener of this.listeners) await listener(id);
    await removeTree(place);
    await this.store.removeEnded(id);
  }
}

function endOf({ ended }: TaskEntity): string {
  return ended === null ? 'ended' : `ended ${new Date(ended).toISOString()}`;
}

/** Bytes that workspaces take up on the disk, by path; one that is gone takes up nothing. */
async function sizesOf(
  tasks: readonly TaskEntity[],
  signal: AbortSignal,
): Promise<Map<string, number>> {
  if (tasks.length === 0) return new Map();
  const { stdout } = await run(
    ['du', '--summarize', '--count-links', '--block-size=1', '--null', '--files0-from=-'],
    { stdin: Readable.from(tasks.map(({ place }) => `${place}\0`)), signal, accept: [0, 1] },
  );
  const lines = stdout.toString('utf8').split('\0').filter(Boolean);
  return new Map(
    lines.map((line) => {
      const tab = line.indexOf('\t');
      return [line.slice(tab + 1), Number(line.slice(0, tab))];
    }),
  );
}
