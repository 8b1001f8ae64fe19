// How many tasks a daemon takes in and ends when none has anything to do, and how long one waits when no
// other runs.
import { join } from 'node:path';
import { OwnTasks } from './own-tasks.mjs';
import { alone, median, seconds } from './table.mjs';

const TASKS = 1000;
/** Milliseconds per task, submitted to finished: 300 tasks in a second. */
const PER_TASK = 1000 / 300;
/** Milliseconds from the submission to the start. */
const TO_START = 20;

export async function measureTasks({ root, home, runs, signal, say }) {
  const own = await OwnTasks.create({ root, folder: join(home, 'tasks-bench') });
  let number = 0;
  const together = async () => {
    const ids = Promise.all(Array.from({ length: TASKS }, () => own.submit((number += 1))));
    await Promise.all((await ids).map((id) => own.ended(id)));
  };
  const waits = [];
  const one = async () => {
    const began = performance.now();
    const id = await own.submit((number += 1));
    await own.ended(id);
    waits.push(own.begun.get(id) - began);
  };
  try {
    const times = [];
    for (let run = 1; run <= runs; run++) {
      signal.throwIfAborted();
      say(`${TASKS} tasks that do nothing, run ${run} of ${runs}`);
      times.push(await seconds(together));
    }
    say(`${TASKS} tasks one after the other`);
    for (let task = 0; task < TASKS; task++) {
      signal.throwIfAborted();
      await one();
    }
    waits.sort((a, b) => a - b);
    const per = (median(times) / TASKS) * 1000;
    say(`${Math.round(1000 / per)} tasks per second`);
    return [
      alone(`a task that does nothing, of ${TASKS} submitted at once`, per, 'ms', PER_TASK),
      alone(
        'task, submission to start, 95 of 100',
        waits[Math.floor(waits.length * 0.95)],
        'ms',
        TO_START,
      ),
    ];
  } finally {
    await own.close();
  }
}
