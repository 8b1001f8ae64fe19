import type { TaskName } from '@fatbuildr/protocol';
import { ClaimTree } from './claim-tree';
import { Schedule, type ScheduledTask } from './schedule';

export interface ExpectedTask extends ScheduledTask {
  readonly name: TaskName;
  /** Milliseconds since the epoch; `null` while it waits. */
  readonly started: number | null;
}

/** What a waiting task has ahead of it. */
export interface Outlook {
  /** From 1 on: its place in the order in which those that wait start, as far as can be told now. */
  position: number;
  /** What it waits for, in a few words. */
  waiting: string;
}

/** Enough of an id to find the task in a list. */
const SHORT_ID = 8;

/**
 * The outlook of every waiting task of an instance, by id.
 *
 * @param tasks those that run or wait, in the order of their submission
 * @param running how many tasks run in the whole installation
 */
export function outlooks(
  tasks: readonly ExpectedTask[],
  running: number,
  concurrency: number,
): ReadonlyMap<string, Outlook> {
  const full = running >= concurrency && tasks.some(({ started }) => started !== null);
  const place = full
    ? `waits for a free place: ${running} ${running === 1 ? 'task runs' : 'tasks run'}`
    : 'waits for its turn';
  const claims = new ClaimTree<ExpectedTask>();
  const reasons = new Map<string, string>();
  for (const task of tasks) {
    claims.enter(task);
    const before = claims.firstBefore(task);
    reasons.set(
      task.id,
      before === undefined
        ? place
        : `waits for the ${before.name} ${before.id.slice(0, SHORT_ID)} of ${before.user}`,
    );
  }
  return new Map(
    order(tasks).map(({ id }, index) => [
      id,
      { position: index + 1, waiting: reasons.get(id) ?? place },
    ]),
  );
}

/** The waiting tasks as they would start if each ended before the next starts. */
function order(tasks: readonly ExpectedTask[]): ScheduledTask[] {
  const schedule = new Schedule(1);
  const begun = tasks.filter(({ started }) => started !== null);
  // They have had their turn.
  for (const task of begun.sort((a, b) => Number(a.started) - Number(b.started))) {
    schedule.add(task);
    schedule.next();
    schedule.remove(task.id);
  }
  for (const task of tasks) if (task.started === null) schedule.add(task);
  const ordered: ScheduledTask[] = [];
  for (let task = schedule.next(); task !== undefined; task = schedule.next()) {
    ordered.push(task);
    schedule.remove(task.id);
  }
  return ordered;
}
