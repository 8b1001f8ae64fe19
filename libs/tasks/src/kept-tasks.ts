import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { removeTree } from '@fatbuildr/processes';
import type { TaskDescription } from '@fatbuildr/protocol';
import { SCRATCH, TasksService } from './tasks.service';
import { TasksStore } from './tasks.store';
import type { KeptContainer } from './tasks.entity';

/** A finished task of which something is kept. */
export interface KeptTask extends KeptContainer {
  id: string;
  instance: string;
  /** Milliseconds since the epoch. */
  until: number;
}

/** The rows of builds that failed and of which something is kept. */
@Injectable()
export class KeptTasks {
  constructor(
    private readonly store: TasksStore,
    private readonly tasks: TasksService,
  ) {}

  /**
   * Notes what is kept of a running task; its scratch folder stays then.
   *
   * @param until milliseconds since the epoch
   * @returns `false` when something of it is kept already
   */
  keep(id: string, until: number, kept: KeptContainer): Promise<boolean> {
    return this.store.keep(id, until, kept);
  }

  /** Those of every instance, the one that ended first first. */
  async all(): Promise<KeptTask[]> {
    const rows = await this.store.withKept();
    return rows.flatMap(({ id, instance, kept, keptUntil }) =>
      kept && keptUntil !== null ? [{ ...kept, id, instance, until: keptUntil }] : [],
    );
  }

  /**
   * A task, what is kept of it, and the shell that is open in it.
   *
   * @throws FatbuildrError `TASKS.UNKNOWN`
   */
  async look(
    instance: string,
    id: string,
  ): Promise<{ task: TaskDescription; kept?: KeptContainer; shell?: string }> {
    const task = await this.tasks.get(instance, id);
    const kept = (await this.store.find(id))?.kept ?? undefined;
    const shell = (await this.shells(instance)).get(id);
    return { task, ...(kept && { kept }), ...(shell !== undefined && { shell }) };
  }

  /** Ids of the tasks that are shells in something kept, or will be, by the task it is kept of. */
  async shells(instance: string): Promise<Map<string, string>> {
    const active = await this.store.inState(instance, 'pending', 'running');
    return new Map(
      active.flatMap(({ id, parameters }) =>
        parameters.name === 'failed build shell' ? [[parameters.build, id]] : [],
      ),
    );
  }

  /** Whether a task is under way, finished, or has no row at all. */
  async stateOf(id: string): Promise<{ finished: boolean; kept: boolean }> {
    const row = await this.store.find(id);
    return {
      finished: row?.state === 'finished' || !row,
      kept: typeof row?.keptUntil === 'number',
    };
  }

  /** Notes that the container of a finished task is gone, and removes what was left for it. */
  async forget(id: string, gone: string): Promise<void> {
    const row = await this.store.find(id);
    if (!row?.kept) return;
    await this.store.keptGone(id, { ...row.kept, gone });
    if (row.state === 'finished') await removeTree(join(row.place, SCRATCH));
  }
}
