import { Injectable } from '@nestjs/common';
import { Database } from '@fatbuildr/database';
import type { TaskFilter, TaskResult, TaskState } from '@fatbuildr/protocol';
import {
  And,
  In,
  IsNull,
  LessThan,
  MoreThan,
  MoreThanOrEqual,
  Not,
  Raw,
  type FindOptionsWhere,
} from 'typeorm';
import { begun } from './journal-file';
import { facetsOf, type TaskFacets } from './task-facets';
import { statesBefore } from './task-state';
import { TaskEntity, type KeptContainer, type StepRecord } from './tasks.entity';

/** Seconds since the epoch that no task is submitted at. */
const FOREVER = 2 ** 40;

const WAITING = ['sequence', 'id', 'instance', 'user', 'parameters'] as const;

/** What tells whose turn it is. */
export type WaitingTask = Pick<TaskEntity, (typeof WAITING)[number]>;

/** The rows of tasks. A change of state names the states it may start from, so it happens at most once. */
@Injectable()
export class TasksStore {
  constructor(private readonly database: Database) {}

  async insert(
    task: Pick<TaskEntity, 'id' | 'instance' | 'user' | 'parameters' | 'place' | 'retries'>,
  ): Promise<void> {
    const row: Omit<TaskEntity, 'sequence'> = {
      ...task,
      ...facetsOf(task.parameters),
      state: 'pending',
      result: 'unknown',
      reason: null,
      exitStatus: null,
      submitted: Date.now(),
      started: null,
      ended: null,
      keptUntil: null,
      kept: null,
      steps: [],
    };
    await this.database.statement((manager) => manager.insert(TaskEntity, row));
  }

  /** Takes a pending task for running; `undefined` when it is not pending any more. */
  async claim(id: string): Promise<TaskEntity | undefined> {
    const change = { state: 'running', started: Date.now() } as const;
    const [claimed, task] = await Promise.all([this.transit(id, change), this.find(id)]);
    return claimed && task ? { ...task, ...change } : undefined;
  }

  finish(
    id: string,
    result: Exclude<TaskResult, 'unknown'>,
    reason: string | null,
    steps: StepRecord[],
    exitStatus: number | null = null,
  ): Promise<boolean> {
    const ended = Date.now();
    const change = { result, reason, steps: begun(steps), exitStatus, ended };
    return this.transit(id, { state: 'finished', ...change });
  }

  /** Of a running task; what is known by the time of the writing is written. */
  async recordSteps(id: string, steps: () => StepRecord[]): Promise<void> {
    await this.database.statement((manager) =>
      manager.update(TaskEntity, { id, state: 'running' }, { steps: steps() }),
    );
  }

  /** Ends a task that has not begun, which then never does; `false` when it is not pending any more. */
  finishPending(id: string, reason: string): Promise<boolean> {
    const change = { state: 'finished', result: 'failed', reason, ended: Date.now() } as const;
    return this.transit(id, change, ['pending']);
  }

  /** Pending tasks of the instances submitted after another one, in that order. */
  waiting(instances: readonly string[], after: number): Promise<WaitingTask[]> {
    return this.rows.find({
      select: [...WAITING],
      where: { instance: In([...instances]), state: 'pending', sequence: MoreThan(after) },
      order: { sequence: 'ASC' },
    });
  }

  /** Those of the named tasks that have a row, in the order of their submission. */
  named(ids: readonly string[]): Promise<(WaitingTask & Pick<TaskEntity, 'state'>)[]> {
    return this.rows.find({
      select: [...WAITING, 'state'],
      where: { id: In([...ids]) },
      order: { sequence: 'ASC' },
    });
  }

  async find(id: string): Promise<TaskEntity | undefined> {
    return (await this.rows.findOneBy({ id })) ?? undefined;
  }

  /** Tasks of an instance in the order of their submission. */
  inState(instance: string, ...states: TaskState[]): Promise<TaskEntity[]> {
    return this.rows.find({ where: { instance, state: In(states) }, order: { sequence: 'ASC' } });
  }

  /** How many tasks of some instances are in a state. */
  count(instances: readonly string[], state: TaskState): Promise<number> {
    return this.rows.countBy({ instance: In(instances), state });
  }

  /** Ended tasks, newest first; all of them when the limit is not positive. */
  ended(instance: string, limit: number): Promise<TaskEntity[]> {
    return this.rows.find({
      where: { instance, state: 'finished' },
      order: { sequence: 'DESC' },
      ...(limit > 0 ? { take: limit } : {}),
    });
  }

  /** The one submitted last first. */
  matching(instance: string, filter: TaskFilter): Promise<TaskEntity[]> {
    const { states, artifact, since, until, before, limit, ...equal } = filter;
    return this.rows.find({
      where: {
        instance,
        ...equal,
        ...(states && { state: In(states) }),
        ...(artifact !== undefined && { artifact: containing(artifact) }),
        ...(before !== undefined && { sequence: LessThan(before) }),
        ...((since !== undefined || until !== undefined) && {
          submitted: And(MoreThanOrEqual((since ?? 0) * 1000), LessThan((until ?? FOREVER) * 1000)),
        }),
      },
      order: { sequence: 'DESC' },
      ...(limit !== undefined && { take: limit }),
    });
  }

  /** Steps of the newest tasks that succeeded. */
  async stepsOf(
    instance: string,
    where: Partial<TaskFacets>,
    limit: number,
  ): Promise<StepRecord[][]> {
    const found = await this.rows.find({
      select: { sequence: true, steps: true },
      where: { instance, result: 'success', ...where } as FindOptionsWhere<TaskEntity>,
      order: { sequence: 'DESC' },
      take: limit,
    });
    return found.map(({ steps }) => steps);
  }

  /**
   * Of a running task, once.
   *
   * @returns whether nothing of it was kept before
   */
  async keep(id: string, keptUntil: number, kept: KeptContainer): Promise<boolean> {
    const outcome = await this.database.statement((manager) =>
      manager.update(TaskEntity, { id, state: 'running', kept: IsNull() }, { keptUntil, kept }),
    );
    return outcome.affected === 1;
  }

  async keptGone(id: string, kept: KeptContainer): Promise<void> {
    await this.database.statement((manager) =>
      manager.update(TaskEntity, { id }, { keptUntil: null, kept }),
    );
  }

  /** Finished tasks of which something is kept, those that ended first before. */
  withKept(): Promise<TaskEntity[]> {
    return this.rows.find({
      where: { keptUntil: Not(IsNull()), state: 'finished' },
      order: { ended: 'ASC' },
    });
  }

  /** Forgets a task; one that has not ended stays. */
  async removeEnded(id: string): Promise<void> {
    await this.database.transaction((manager) =>
      manager.delete(TaskEntity, { id, state: 'finished' }),
    );
  }

  private async transit(
    id: string,
    change: Partial<TaskEntity> & { state: TaskState },
    from = statesBefore(change.state),
  ): Promise<boolean> {
    const outcome = await this.database.statement((manager) =>
      manager.update(TaskEntity, { id, state: In(from) }, change),
    );
    return outcome.affected === 1;
  }

  private get rows() {
    return this.database.dataSource.getRepository(TaskEntity);
  }
}

/** In any case; the signs that stand for others stand for themselves. */
function containing(text: string) {
  const pattern = `%${text.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`;
  return Raw<string>((column) => `LOWER(${column}) LIKE :pattern ESCAPE '\\'`, { pattern });
}
