import { readFile, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { start, type StartedProcess } from '@fatbuildr/processes';
import { SmallDisk } from '../integration/support/small-disk';
import { hostInstance } from './support/host';
import { Installation, type Ended } from './support/installation';

jest.setTimeout(120_000);

/** Its last words are one sentence, without a trace of the inside. */
function expectLastWords({ status, stdout, stderr }: Ended, message: RegExp): void {
  // What it logs stands before its last words.
  expect(stderr.trim().split('\n').at(-1)).toMatch(message);
  expect(stdout + stderr).not.toMatch(/^\s+at /m);
  expect(status).toBe(1);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

describe('a daemon without what it needs', () => {
  const installation = new Installation();
  afterEach(() => installation.stop());
  afterAll(() => installation.remove());

  const configure = (site: string) =>
    installation.configure({ default: hostInstance('Default') }, site);

  it('does not start without the Redis of its configuration, and hides the password', async () => {
    const port = await freePort();
    await configure(`[queue]\nredis = redis://user:secret@127.0.0.1:${port}\n`);
    const ended = await installation.fatbuildrd();
    expectLastWords(
      ended,
      new RegExp(
        `^fatbuildrd: the Redis server at 127\\.0\\.0\\.1:${port} cannot be used: .*; start it, or correct \\[queue\\] redis$`,
      ),
    );
    expect(ended.stdout + ended.stderr).not.toContain('secret');
  });

  it('does not start where another daemon has its name on the bus', async () => {
    await configure('\n');
    await installation.start();
    const address = await readFile(join(installation.home, 'run/bus.address'), 'utf8');
    const other = new Installation();
    await other.configure(
      { default: hostInstance('Other') },
      `[daemon]\nbus = ${address.trim()}\n`,
    );
    const ended = await other.fatbuildrd();
    await other.remove();
    expectLastWords(
      ended,
      /another program has the name org\.rackslab\.Fatbuildr on the bus unix:/,
    );
    expect(await installation.ctl('list')).toMatchObject({ status: 0 });
    await installation.stop();
  });

  it('names the socket of an engine that is not there, in the task that needs it', async () => {
    const socket = join(installation.home, 'engine.sock');
    await configure(`[containers]\nengine = ${socket}\n`);
    await installation.start();
    const ended = await installation.ctl('images', 'create', '-f', 'deb');
    expect(ended.status).toBe(1);
    const told = (ended.stdout + ended.stderr).trim().split('\n').at(-1);
    expect(told).toMatch(
      /Task failed: .*no container engine answers .*engine\.sock.*\[containers\] engine/,
    );
    await installation.stop();
  });

  it.each([
    ['read-only', /fatbuildrd: \S+ cannot be written: its file system is mounted read-only/],
    ['full', /fatbuildrd: .*its disk is full, make room on it$/],
  ])('does not start on a disk that is %s, and leaves no lock', async (state, message) => {
    await configure('\n');
    await rm(join(installation.home, 'state'), { recursive: true, force: true });
    const disk = await SmallDisk.mount(join(installation.home, 'state'), 4);
    try {
      if (state === 'full') await disk.fill();
      else await disk.setReadOnly(true);
      expectLastWords(await installation.fatbuildrd(), message);
      await disk.setReadOnly(false);
      await disk.empty();
      await installation.start();
    } finally {
      await installation.stop();
      await disk.unmount();
    }
  });

  it('fails a task that has no room for its journal, says why in its row, and goes on', async () => {
    await configure('[keyring]\ntype = ed25519\n');
    const disk = await SmallDisk.mount(join(installation.home, 'workspaces'), 4);
    try {
      await installation.start();
      await disk.fill();
      const ended = await installation.ctl('keyring', 'create');
      await disk.empty();
      expectLastWords(ended, /^fatbuildrctl: the journal of task \S+ ends without its last record/);
      const [task] = await installation.json<{ result: string; reason: string }[]>('history');
      expect(task?.result).toBe('failed');
      expect(task?.reason).toMatch(
        /\/task\.journal cannot be written: its disk is full, make room/,
      );
      expect(await installation.ctl('keyring', 'renew', '--duration', '1y')).toMatchObject({
        status: 0,
      });
    } finally {
      await installation.stop();
      await disk.unmount();
    }
  });
});

describe('a daemon whose configured Redis goes away', () => {
  const installation = new Installation();
  let port: number;
  let redis: StartedProcess;
  beforeAll(async () => {
    port = await freePort();
  });
  afterAll(async () => {
    await installation.remove();
    await redis?.stop();
  });

  async function startRedis(): Promise<StartedProcess> {
    const argv = [
      'redis-server',
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--save',
      '',
    ] as const;
    const server = start([...argv, '--dir', installation.home], { stdio: 'pipe' });
    for await (const text of server.child.stdout as AsyncIterable<Buffer>) {
      if (text.toString().includes('Ready to accept connections')) break;
    }
    return server;
  }

  it('says so to who submits, answers questions, and goes on when it is back', async () => {
    redis = await startRedis();
    await installation.configure(
      { default: hostInstance('Default') },
      `[queue]\nredis = redis://127.0.0.1:${port}\n[keyring]\ntype = ed25519\n`,
    );
    await installation.start();
    expect(await installation.ctl('keyring', 'create')).toMatchObject({ status: 0 });
    await redis.stop();
    const refused = await installation.ctl('keyring', 'renew', '--duration', '1y');
    expectLastWords(
      refused,
      /the task cannot be queued, Redis does not take it: .*submit it again/,
    );
    const before = await installation.json<{ result: string }[]>('history');
    expect(before.map(({ result }) => result)).toEqual(['success']);
    redis = await startRedis();
    let ended: Ended;
    do ended = await installation.ctl('keyring', 'renew', '--duration', '1y');
    while (ended.stderr.includes('cannot be queued'));
    expect(ended).toMatchObject({ status: 0 });
  });
});
