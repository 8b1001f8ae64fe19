import { ClaimTree } from './claim-tree';
import type { Claims } from './task-claims';

export interface ScheduledTask {
  readonly id: string;
  readonly instance: string;
  readonly user: string;
  readonly claims: Claims;
}

/**
 * Decides which task starts next. It knows of nothing but what it is told: the tasks as they come, in the
 * order of their submission, and those that go.
 *
 * 1. A task never overtakes an earlier one of its instance that it conflicts with.
 * 2. A task starts when fewer than `concurrency` tasks run in all, or none of its instance runs.
 * 3. Among those that may start instances take turns, and in an instance users: it is the turn of who was
 *    served the longest time ago. A user's turn goes to his first task, or to what it waits for.
 */
export class Schedule {
  private readonly tasks = new Map<string, ScheduledTask>();
  private readonly lines = new Map<string, Line>();
  private running = 0;
  private turn = 0;

  /** @param concurrency how many tasks run at the same time, while each instance may always run one */
  constructor(private readonly concurrency: number) {}

  has(id: string): boolean {
    return this.tasks.has(id);
  }

  add(task: ScheduledTask): void {
    this.tasks.set(task.id, task);
    const line = this.lines.get(task.instance) ?? new Line();
    this.lines.set(task.instance, line);
    line.add(task);
  }

  /** Takes the task that is to start now, if there is one; it runs until it is removed. */
  next(): ScheduledTask | undefined {
    const full = this.running >= this.concurrency;
    const open = [...this.lines.values()].filter((line) => !full || line.running.size === 0);
    for (const line of open.sort((a, b) => a.served - b.served)) {
      const task = line.next(this.turn + 1);
      if (task === undefined) continue;
      this.turn += 1;
      this.running += 1;
      return task;
    }
    return undefined;
  }

  /** A task that has ended or was cancelled. */
  remove(id: string): void {
    const task = this.tasks.get(id);
    if (task === undefined) return;
    this.tasks.delete(id);
    if (this.lines.get(task.instance)?.remove(task)) this.running -= 1;
  }
}

/** The tasks of one instance. */
class Line {
  readonly running = new Set<ScheduledTask>();
  /** The turn at which the instance was served last. */
  served = 0;
  private readonly claims = new ClaimTree<ScheduledTask>();
  /** By user, each user's in the order of their submission. */
  private readonly waiting = new Map<string, Set<ScheduledTask>>();
  private readonly users = new Map<string, number>();

  add(task: ScheduledTask): void {
    this.claims.enter(task);
    const own = this.waiting.get(task.user) ?? new Set();
    this.waiting.set(task.user, own.add(task));
  }

  next(turn: number): ScheduledTask | undefined {
    const served = (user: string) => this.users.get(user) ?? 0;
    for (const user of [...this.waiting.keys()].sort((a, b) => served(a) - served(b))) {
      const task = this.candidate(user);
      if (task === undefined) continue;
      this.dequeue(task);
      this.running.add(task);
      this.served = turn;
      this.users.set(user, turn);
      return task;
    }
    return undefined;
  }

  /** @returns whether it ran */
  remove(task: ScheduledTask): boolean {
    this.claims.leave(task);
    this.dequeue(task);
    return this.running.delete(task);
  }

  private candidate(user: string): ScheduledTask | undefined {
    for (const task of this.waiting.get(user) ?? []) {
      const start = this.startOf(task);
      if (!this.running.has(start)) return start;
    }
    return undefined;
  }

  /** Where the chain of those the task waits for begins: at one that runs, or at one that may. */
  private startOf(task: ScheduledTask): ScheduledTask {
    let start = task;
    let before = this.claims.firstBefore(start);
    while (before !== undefined) [start, before] = [before, this.claims.firstBefore(before)];
    return start;
  }

  private dequeue(task: ScheduledTask): void {
    const own = this.waiting.get(task.user);
    own?.delete(task);
    if (own?.size === 0) this.waiting.delete(task.user);
  }
}
