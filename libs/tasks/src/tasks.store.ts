import { Injectable } from '@nestjs/common';
import { Database } from '@fatbuildr/database';
import type { TaskResult, TaskState } from '@fatbuildr/protocol';
import { In, MoreThan } from 'typeorm';
import { statesBefore } from './task-state';
import { TaskEntity, type StepRecord } from './tasks.entity';

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
      state: 'pending',
      result: 'unknown',
      reason: null,
      submitted: Date.now(),
      started: null,
      ended: null,
      steps: [],
    };
    await this.database.shareTransaction((manager) => manager.insert(TaskEntity, row));
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
  ): Promise<boolean> {
    return this.transit(id, { state: 'finished', result, reason, steps, ended: Date.now() });
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

  /** Those of the named tasks that are pending. */
  waitingAmong(ids: readonly string[]): Promise<WaitingTask[]> {
    return this.rows.find({
      select: [...WAITING],
      where: { state: 'pending', id: In([...ids]) },
      order: { sequence: 'ASC' },
    });
  }

  /** How many tasks of the instances run. */
  countRunning(instances: readonly string[]): Promise<number> {
    return this.rows.countBy({ instance: In([...instances]), state: 'running' });
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
    const outcome = await this.database.shareTransaction((manager) =>
      manager.update(TaskEntity, { id, state: In(from) }, change),
    );
    return outcome.affected === 1;
  }

  private get rows() {
    return this.database.dataSource.getRepository(TaskEntity);
  }
}
