import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { JournalDecoder } from '@fatbuildr/protocol';
import { HeldTasks } from './support/held-tasks';
import { hostInstance } from './support/host';
import { Installation } from './support/installation';
import { processesNaming, processOf } from './support/processes';

jest.setTimeout(120_000);

interface Task {
  id: string;
  state: string;
  result: string;
  place: string;
  reason?: string;
}

const INTERRUPTED = 'the daemon stopped while the task was running';

describe('after a crash', () => {
  const installation = new Installation();
  const tasks = new HeldTasks(installation.home);

  const submit = async (...args: string[]) =>
    (await installation.json<Task>(...args, '--batch')).id;
  const history = () => installation.json<Task[]>('history', '--limit', '100');
  const ended = async (id: string) => (await history()).find((task) => task.id === id)!;
  const messages = async ({ place }: Task) =>
    new JournalDecoder()
      .push(await readFile(join(place, 'task.journal')))
      .flatMap((record) => (record.command === 'log' ? [record.message] : []));
  /** A task that runs, and two that wait behind it. */
  const three = async () => {
    await tasks.hold();
    const running = await submit('history', 'purge');
    const waiting = [await submit('history', 'purge'), await submit('history', 'purge')];
    await tasks.runs(running);
    return { running, waiting };
  };
  /** What holds after every crash: each task ran once, the interrupted one has failed and is tidied up. */
  const expectOrder = async (begun: number, running: string, waiting: string[]) => {
    await tasks.letGo();
    await installation.start();
    for (const id of waiting) {
      expect(await installation.ctl('watch', id)).toMatchObject({ status: 0 });
    }
    expect((await tasks.list()).slice(begun)).toEqual([running, ...waiting]);
    const interrupted = await ended(running);
    expect(interrupted).toMatchObject({ state: 'finished', result: 'failed' });
    const log = await messages(interrupted);
    expect(log.at(-1)).toBe(`Task failed: ${interrupted.reason}`);
    expect(log.filter((message) => message.startsWith('Task failed'))).toHaveLength(1);
    // Once the engine is known to have nothing that works there.
    while (existsSync(join(interrupted.place, 'scratch'))) await delay(20);
    expect(await readdir(interrupted.place)).toEqual(['task.journal']);
    for (const id of waiting) expect(await ended(id)).toMatchObject({ result: 'success' });
    return interrupted;
  };

  beforeAll(async () => {
    await installation.configure({ default: hostInstance() }, `[tasks]\nhook = ${tasks.hook}\n`);
    await tasks.install();
  });
  afterAll(() => installation.remove());

  it('of the daemon: what ran has failed, what waited runs, once, and leftovers are gone', async () => {
    await installation.start();
    const { running, waiting } = await three();
    const { place } = (await installation.json<Task[]>('list')).find(({ id }) => id === running)!;
    // As a build leaves them.
    await mkdir(join(place, 'scratch'));
    await writeFile(join(place, 'scratch', 'file'), '');
    for (const folder of ['cache/sources/.partial', 'run/uploads/one', 'tmp/two']) {
      await mkdir(join(installation.home, folder), { recursive: true });
    }
    await writeFile(join(installation.home, 'cache/sources/.partial/download'), '');
    await installation.stop('SIGKILL');
    // Torn in the middle of a record, as by a disk.
    const journal = join(place, 'task.journal');
    await writeFile(journal, Buffer.from([1, 0, 0, 0, 200, 0, 0, 0, 65]), { flag: 'a' });
    const interrupted = await expectOrder(0, running, waiting);
    expect(interrupted.reason).toBe(INTERRUPTED);
    const left = ['cache/sources/.partial/download', 'run/uploads/one', 'tmp/two'];
    for (const path of left) {
      while (existsSync(join(installation.home, path))) await delay(20);
    }
    expect(await installation.stop()).toBe(0);
  });

  it('of Redis: the daemon ends what it cannot go on with and says why', async () => {
    const begun = (await tasks.list()).length;
    await installation.start();
    const { running, waiting } = await three();
    process.kill(processOf(installation.home, 'redis-server'), 'SIGKILL');
    // The task is held until it is ended: let go before that, it would have succeeded.
    await installation.says('redis.sock has ended');
    expect(await installation.ended()).toBe(1);
    expect(processesNaming(installation.home)).toEqual([]);
    const interrupted = await expectOrder(begun, running, waiting);
    expect(interrupted.reason).toMatch(
      /^stopped: the daemon was stopped, as our redis-server .* has ended$/,
    );
    expect(await installation.stop()).toBe(0);
  });

  it('of daemon and Redis, and with all that the queue knew lost', async () => {
    const begun = (await tasks.list()).length;
    await installation.start();
    const { running, waiting } = await three();
    const redis = processOf(installation.home, 'redis-server');
    await installation.stop('SIGKILL');
    while (existsSync(`/proc/${redis}`)) await delay(20);
    await rm(join(installation.home, 'state/redis'), { recursive: true });
    expect((await expectOrder(begun, running, waiting)).reason).toBe(INTERRUPTED);
    expect(await installation.stop()).toBe(0);
  });

  it('of the daemon again and again, at any moment of its start and its work', async () => {
    const before = await tasks.list();
    await installation.start();
    await tasks.hold();
    const submitted: string[] = [];
    for (let count = 0; count < 12; count++) submitted.push(await submit('history', 'purge'));
    await tasks.runs(submitted[0]!);
    await installation.stop('SIGKILL');
    await tasks.letGo();
    for (const moment of [150, 400, 600, 800, 900]) {
      const start = installation.start().catch(() => undefined);
      await delay(moment);
      await installation.stop('SIGKILL');
      await start;
    }
    await installation.start();
    await installation.ctl('watch', submitted.at(-1)!);
    const begun = (await tasks.list()).slice(before.length);
    expect(new Set(begun).size).toBe(begun.length);
    expect(begun).toEqual(submitted.filter((id) => begun.includes(id)));
    const all = await history();
    for (const id of submitted) {
      const task = all.find((one) => one.id === id)!;
      expect(task.state).toBe('finished');
      // Interrupted just before its hook ran, or it ran: nothing was forgotten.
      if (!begun.includes(id)) expect(task.reason).toBe(INTERRUPTED);
      const last = (await messages(task)).at(-1);
      expect(last).toMatch(task.result === 'success' ? /^Task succeeded/ : /^Task failed: /);
    }
    expect(await installation.stop()).toBe(0);
  });
});
