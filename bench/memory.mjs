// What work leaves behind in the memory of the daemon.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fillHome, newHome, PLACE, withDaemon } from './listing-home.mjs';
import { compared, residentMegabytes } from './table.mjs';

const TASKS = 1000;
/** Tasks that are submitted together. */
const PORTION = 50;
const ARTIFACTS = 30_000;
/** Milliseconds after which the daemon is at rest. */
const REST = 5000;
/** Of the memory at rest. */
const GROWTH = 1.3;

export async function measureMemory({ root, home, signal, say }) {
  const folder = join(home, 'memory-bench');
  await newHome({ root, folder, signal });
  const rows = await withDaemon({ root, folder, signal }, async (client, { pid }) => {
    await sleep(REST, undefined, { signal });
    const rest = await residentMegabytes(pid);
    say(`the daemon at rest: ${rest.toFixed(0)} MB; ${TASKS} tasks`);
    await runTasks(client, signal);
    const tasks = await residentMegabytes(pid);
    say(`after ${TASKS} tasks: ${tasks.toFixed(0)} MB; a listing of ${ARTIFACTS} artifacts`);
    await fillHome({ root, folder, size: ARTIFACTS });
    const { length } = await client.artifacts(PLACE);
    if (length !== ARTIFACTS) throw new Error(`${length} artifacts instead of ${ARTIFACTS}`);
    say(`just after the listing: ${(await residentMegabytes(pid)).toFixed(0)} MB`);
    await sleep(REST, undefined, { signal });
    const after = await residentMegabytes(pid);
    const name = `daemon: memory after ${TASKS} tasks and a listing of ${ARTIFACTS}, beside at rest`;
    return [compared(name, after, rest, 'MB', GROWTH)];
  });
  await rm(folder, { recursive: true });
  return rows;
}

/** Tasks that are over at once: there is a key, so that creating one is refused. */
async function runTasks(client, signal) {
  for (let submitted = 0; submitted < TASKS; submitted += PORTION) {
    signal.throwIfAborted();
    await Promise.all(Array.from({ length: PORTION }, () => client.keyringCreate()));
    while ((await client.searchTasks({ states: ['pending', 'running'], limit: 1 })).length > 0) {
      await sleep(20, undefined, { signal });
    }
  }
}
