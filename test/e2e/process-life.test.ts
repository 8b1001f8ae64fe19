import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { HeldTasks } from './support/held-tasks';
import { hostInstance } from './support/host';
import { execute, Installation } from './support/installation';
import { processesNaming, processOf } from './support/processes';
import { FakeServiceManager } from './support/service-manager';

jest.setTimeout(120_000);

interface Task {
  id: string;
  state: string;
  result: string;
  reason?: string;
}

const QUICK_KEY = '[keyring]\ntype = ed25519\n';

describe('the end of a daemon', () => {
  const installation = new Installation();
  const tasks = new HeldTasks(installation.home);

  const submit = async (...args: string[]) =>
    (await installation.json<Task>(...args, '--batch')).id;
  const ended = async (id: string) =>
    (await installation.json<Task[]>('history')).find((task) => task.id === id);

  beforeAll(async () => {
    await installation.configure(
      { default: hostInstance() },
      `${QUICK_KEY}[tasks]\nhook = ${tasks.hook}\n`,
    );
    await tasks.install();
  });
  afterAll(() => installation.remove());

  it('lets running tasks finish and begins no new ones, which the next daemon runs', async () => {
    await installation.start();
    await tasks.hold();
    const running = await submit('keyring', 'create');
    await tasks.runs(running);
    installation.signal('SIGTERM');
    await installation.says('1 running tasks have 30s to finish');
    // It still answers, and takes what it will not run itself.
    const waiting = await submit('history', 'purge');
    expect(await installation.json<Task[]>('list')).toMatchObject([
      { id: running, state: 'running' },
      { id: waiting, state: 'pending' },
    ]);
    await tasks.letGo();
    expect(await installation.ended()).toBe(0);
    expect(processesNaming(installation.home)).toEqual([]);
    expect(await tasks.list()).toEqual([running]);

    await installation.start();
    await tasks.runs(waiting);
    expect(await installation.ctl('watch', waiting)).toMatchObject({ status: 0 });
    expect(await ended(running)).toMatchObject({ result: 'success' });
    expect(await ended(waiting)).toMatchObject({ result: 'success' });
    expect(await tasks.list()).toEqual([running, waiting]);
    expect(await installation.stop()).toBe(0);
  });

  it.each([
    ['when the time for them is over', '1s', 0],
    ['when it is told to stop once more', '1h', 1],
  ])('ends running tasks with the reason %s', async (_when, timeout, more) => {
    await installation.start({ FATBUILDR_DAEMON_STOP_TIMEOUT: timeout });
    await tasks.hold();
    const running = await submit('history', 'purge');
    await tasks.runs(running);
    installation.signal('SIGTERM');
    if (more > 0) {
      await installation.says(`1 running tasks have ${timeout} to finish`);
      installation.signal('SIGTERM');
    }
    expect(await installation.ended()).toBe(0);
    expect(processesNaming(installation.home)).toEqual([]);
    await tasks.letGo();
    await installation.start();
    expect(await ended(running)).toMatchObject({
      result: 'failed',
      reason: 'stopped: the daemon was stopped by SIGTERM',
    });
    expect(await installation.stop()).toBe(0);
  });

  it('is waited for by the next daemon of the same home', async () => {
    await installation.start();
    await tasks.hold();
    await tasks.runs(await submit('history', 'purge'));
    installation.signal('SIGTERM');
    await installation.says('1 running tasks have 30s to finish');
    const next = new Installation(installation.home);
    const started = next.start();
    await tasks.letGo();
    await started;
    expect(await installation.ended()).toBe(0);
    expect(await next.ctl('list')).toMatchObject({ status: 0 });
    expect(await next.stop()).toBe(0);
  });
});

describe('a daemon that nobody needs', () => {
  const installation = new Installation();
  const tasks = new HeldTasks(installation.home);
  const idle = { FATBUILDR_DAEMON_IDLE_EXIT: '1s' };
  afterAll(() => installation.remove());

  it('leaves with status 0 and all its servers', async () => {
    await installation.configure(
      { default: hostInstance() },
      `${QUICK_KEY}[tasks]\nhook = ${tasks.hook}\n`,
    );
    await tasks.install();
    await installation.start(idle);
    expect(await installation.ended()).toBe(0);
    expect(processesNaming(installation.home)).toEqual([]);
  });

  it('stays as long as a task runs', async () => {
    await tasks.hold();
    await installation.start(idle);
    const { id } = await installation.json<Task>('keyring', 'create', '--batch');
    const watched = installation.ctl('watch', id);
    await tasks.runs(id);
    // Longer than it would stay idle; it is the task that decides, whatever the time.
    await execute(['sleep', '3']);
    await tasks.letGo();
    expect(await watched).toMatchObject({ status: 0 });
    expect(await installation.ended()).toBe(0);
  });

  it('stays where signatures expire too soon for it to be started in time', async () => {
    await installation.start({ ...idle, FATBUILDR_REGISTRY_VALIDITY: '1h' });
    await installation.says('idle_exit is left aside: indices with a [registry] validity of 1h');
    expect(await installation.stop()).toBe(0);
  });
});

describe('a daemon under systemd', () => {
  const installation = new Installation();
  const manager = new FakeServiceManager(installation.home);
  const env = { NOTIFY_SOCKET: manager.socket, WATCHDOG_USEC: '1000000' };

  beforeAll(async () => {
    await installation.configure({ default: hostInstance() });
    await manager.start();
    await installation.start(env);
  });
  afterAll(async () => {
    await installation.remove();
    await manager.stop();
  });

  it('says that it is ready, once it is', async () => {
    await manager.hears('READY=1');
    expect(manager.heard).toContain('STATUS=idle');
    expect(await installation.ctl('list')).toMatchObject({ status: 0 });
  });

  it('gives signs of life, but none while its workers cannot work', async () => {
    await manager.hears('WATCHDOG=1');
    const redis = processOf(installation.home, 'redis-server');
    process.kill(redis, 'SIGSTOP');
    try {
      await installation.says('no sign of life is given: the server of the queues does not answer');
      manager.forget();
      // Two more looks have gone by when its event loop, which is alive, has counted them.
      await execute(['sleep', '2']);
      expect(manager.heard).not.toContain('WATCHDOG=1');
    } finally {
      process.kill(redis, 'SIGCONT');
    }
    await manager.hears('WATCHDOG=1');
    await installation.says('all is well again');
  });

  it('says that it stops, and how long that may take', async () => {
    expect(await installation.stop()).toBe(0);
    await manager.hears('STOPPING=1');
    // [daemon] stop_timeout, and half a minute for the rest.
    await manager.hears('EXTEND_TIMEOUT_USEC=60000000');
  });

  it('is not kept from working by a service manager that is gone', async () => {
    await installation.start({ NOTIFY_SOCKET: join(installation.home, 'nobody') });
    expect(await installation.ctl('list')).toMatchObject({ status: 0 });
    expect(installation.log).toMatch(/systemd was not told READY=1/);
    expect(await installation.stop()).toBe(0);
  });
});

describe('the files of a daemon', () => {
  const installation = new Installation();
  afterAll(() => installation.remove());

  it('that are private are closed to others, however careless its umask was', async () => {
    await installation.configure(
      { default: hostInstance() },
      `${QUICK_KEY}[daemon]\nstop_timeout = no\n`,
    );
    await installation.start({}, ['sh', '-c', 'umask 0; exec "$0" "$@"']);
    await installation.ctl('keyring', 'create');
    // Has the container engine started, whose socket is as good as the password of root.
    await installation.ctl('images', 'create', '--batch');
    while (!existsSync(join(installation.home, 'run/podman.sock'))) await delay(20);
    // What a stranger can see when nothing but the modes of our own files keeps it out.
    await chmod(installation.home, 0o755);
    const stranger = { uid: 65_534, gid: 65_534, cwd: '/' };
    const find = async (...tests: string[]) =>
      (await execute(['find', installation.home, ...tests, '-print'], stranger)).stdout;
    const closed = ['state', 'keyring', 'workspaces', 'cache', 'tmp'];
    for (const folder of closed) {
      const path = join(installation.home, folder);
      expect(readdirSync(path)).toBeDefined();
      expect(await execute(['ls', path], stranger)).toMatchObject({ stdout: '', status: 2 });
    }
    expect(await find('-writable', '!', '-type', 'l')).toBe('');
    const run = join(installation.home, 'run');
    const readable = (await find('-path', `${run}/*`, '-readable')).split('\n').filter(Boolean);
    expect(readable).toEqual([]);
    await chmod(installation.home, 0o700);
    // And nothing is open to all whom another mode of a folder above would let in.
    const open = await execute(['find', installation.home, '-perm', '/o+w', '!', '-type', 'l']);
    const consoles = /\/workspaces\/.*\/console\.sock$/;
    expect(open.stdout.split('\n').filter((path) => path && !consoles.test(path))).toEqual([]);
    const secret = await readFile(
      join(installation.home, 'keyring/default/keyring.asc'),
      'utf8',
    ).catch(() => '');
    expect(secret).toContain('PRIVATE KEY');
  });

  it('do not end up in its log', async () => {
    const passphrase = readFileSync(
      join(installation.home, 'keyring/passphrases.d/default'),
      'utf8',
    ).trim();
    expect(passphrase.length).toBeGreaterThan(20);
    expect(installation.log).toContain('keyring creation');
    expect(installation.log).not.toContain(passphrase);
  });
});

describe('the log of a daemon', () => {
  const installation = new Installation();
  afterAll(() => installation.remove());

  it('is objects with fields when that is wanted, with start and end of each task once', async () => {
    await installation.configure({ default: hostInstance() }, QUICK_KEY);
    await installation.start({ FATBUILDR_DAEMON_LOG_FORMAT: 'json' });
    await installation.ctl('keyring', 'create');
    const [{ id }] = await installation.json<[Task]>('history');
    expect(await installation.stop()).toBe(0);
    const entries = installation.log
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const about = { level: 'info', task: id, instance: 'default', name: 'keyring creation' };
    expect(entries.filter(({ task }) => task === id)).toMatchObject([
      { ...about, message: `task ${id} (keyring creation) begins` },
      { ...about, result: 'success', duration: expect.any(Number) as number },
    ]);
  });

  it('has priorities for the journal of systemd', async () => {
    const next = new Installation(installation.home);
    // As systemd does: the variable names the very stream that standard error is.
    const script = 'exec env JOURNAL_STREAM="$(stat -L -c %d:%i /proc/self/fd/2)" "$0" "$@"';
    await next.start({}, ['sh', '-c', script]);
    expect(await next.stop()).toBe(0);
    const lines = next.log.split('\n').filter((line) => line && !line.includes(' ready on '));
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(line).toMatch(/^<6>\w+: /);
    await rm(next.home, { recursive: true });
  });
});

describe('a daemon whose name on the bus is taken', () => {
  const installation = new Installation();
  const other = new Installation();
  afterAll(async () => {
    await installation.remove();
    await other.remove();
  });

  it('says so in one line, ends with status 1 and leaves nothing behind', async () => {
    await installation.configure({ default: hostInstance() });
    await other.configure({ default: hostInstance() });
    await installation.start();
    const address = readFileSync(join(installation.home, 'run/bus.address'), 'utf8').trim();
    const ended = await other.fatbuildrd([], { FATBUILDR_DAEMON_BUS: address });
    expect(ended).toMatchObject({ status: 1, stdout: '' });
    expect(ended.stderr).toMatch(
      /^fatbuildrd: another program has the name org\.rackslab\.Fatbuildr on the bus [^\n]+\n$/m,
    );
    expect(ended.stderr).not.toMatch(/^\s+at /m);
    expect(processesNaming(other.home)).toEqual([]);
    expect(await installation.ctl('list')).toMatchObject({ status: 0 });
  });
});
