import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfiguration } from '@fatbuildr/config';
import { Database } from '@fatbuildr/database';
import { Instance, InstancesService } from '@fatbuildr/instances';
import { TASKS_ENTITIES, TASKS_MIGRATIONS } from '.';
import type { TaskChange, TaskChannel } from './task-channel';
import type { TaskQueues } from './task-queues';
import { TaskScheduler } from './task-scheduler';
import type { TasksService } from './tasks.service';
import { TasksStore } from './tasks.store';

const SWEEP_MS = 3000;
const instance = new Instance({
  ...{ id: 'default', name: 'Default', gpg: { name: 'ACME', email: 'packages@acme.example' } },
  ...{ architectures: ['x86_64'], pipelines: [], derivatives: new Map() },
});

let home: string;
/** The database as the process sees it that hands tasks out, and as another one does that submits them. */
let own: Database;
let other: Database;
let store: TasksStore;
let scheduler: TaskScheduler;
let tell: (change: TaskChange) => void;
let release: jest.Mock;
let over: boolean;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'fatbuildr-scheduler-'));
  const configuration = loadConfiguration({ home, env: {} });
  const contents = { entities: TASKS_ENTITIES, migrations: TASKS_MIGRATIONS };
  own = await Database.open(configuration, contents);
  other = await Database.open(configuration, contents);
  store = new TasksStore(own);
  over = false;
  release = jest.fn().mockResolvedValue(undefined);
  // The sweep comes when the test says so, everything else in its own time.
  jest.useFakeTimers({
    doNotFake: ['setTimeout', 'setImmediate', 'nextTick', 'queueMicrotask', 'Date', 'performance'],
  });
  scheduler = new TaskScheduler(
    { onChange: (listener: typeof tell) => (tell = listener) } as unknown as TasksService,
    store,
    { release } as unknown as TaskQueues,
    { onGap: () => undefined } as unknown as TaskChannel,
    new InstancesService([instance]),
    configuration,
  );
  const waiting = jest.spyOn(store, 'waiting');
  scheduler.start();
  // From here on it only looks when something is announced.
  await waiting.mock.results[0]!.value;
});

afterEach(async () => {
  over = true;
  await scheduler.stop();
  jest.useRealTimers();
  await own.onApplicationShutdown();
  await other.onApplicationShutdown();
  rmSync(home, { recursive: true });
});

const submit = (id: string, instance = 'default') =>
  new TasksStore(other).insert({
    ...{ id, instance, user: 'ada', parameters: { name: 'keyring creation' } as const },
    ...{ place: join(home, id), retries: null },
  });

const announce = (id: string) =>
  tell({ instance: 'default', id, state: 'pending', result: 'unknown' });

async function until(met: () => boolean): Promise<void> {
  while (!met() && !over) await new Promise(setImmediate);
}

describe('the scheduler', () => {
  it('hands out a task that was announced before its row could be seen', async () => {
    const named = jest.spyOn(store, 'named');
    announce('early');
    await until(() => named.mock.calls.length > 0);
    expect(await named.mock.results[0]!.value).toEqual([]);
    await submit('early');
    await until(() => release.mock.calls.length > 0);
    expect(release).toHaveBeenCalledWith('default', 'early');
  });

  it('forgets a task that it does not find for a while', async () => {
    const named = jest.spyOn(store, 'named');
    announce('never');
    for (let sweep = 0; sweep <= 5; sweep++) {
      const asked = named.mock.calls.length;
      await until(() => named.mock.calls.length > asked);
      jest.advanceTimersByTime(SWEEP_MS);
      await new Promise(setImmediate);
    }
    announce('other');
    await until(() => named.mock.calls.some(([ids]) => ids[0] === 'other'));
    expect(named.mock.lastCall).toEqual([['other']]);
  });

  it('does not wait for one that has ended, or is of an instance it does not serve', async () => {
    const named = jest.spyOn(store, 'named');
    await submit('ended');
    await store.finishPending('ended', 'cancelled');
    await submit('foreign', 'elsewhere');
    for (const id of ['ended', 'foreign', 'early']) announce(id);
    await until(() => named.mock.lastCall?.[0][0] === 'early');
    expect(named.mock.lastCall).toEqual([['early']]);
    expect(release).not.toHaveBeenCalled();
  });
});
