import { existsSync, mkdtempSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { connect } from 'node:net';
import { BullModule, getQueueToken } from '@nestjs/bullmq';
import { Injectable, type INestApplicationContext, type Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { ConfigModule, loadConfiguration } from '@fatbuildr/config';
import { DatabaseModule } from '@fatbuildr/database';
import { Instance, InstancesModule } from '@fatbuildr/instances';
import { run } from '@fatbuildr/processes';
import { JournalDecoder, type TaskDescription, type TaskName } from '@fatbuildr/protocol';
import {
  HandlesTask,
  PrivateRedis,
  queueName,
  SCRATCH,
  TASK_NAMES,
  TaskRunner,
  TASKS_ENTITIES,
  TASKS_MIGRATIONS,
  TasksModule,
  TasksService,
  type TaskContext,
  type TaskHandler,
} from '@fatbuildr/tasks';
import type { Queue } from 'bullmq';
import {
  InstanceWorkers,
  QUEUE_SERVER,
} from '../../apps/fatbuildrd/src/processors/instance-workers';

const instance = new Instance({
  id: 'default',
  name: 'Default',
  gpg: { name: 'ACME', email: 'packages@acme.example' },
  architectures: ['x86_64'],
  pipelines: [],
  derivatives: new Map(),
});

/** What the handlers of the test do, and what they did. */
const work = {
  ran: [] as string[],
  run: (_context: TaskContext): Promise<void> => Promise.resolve(),
};

const handlers: Type<TaskHandler>[] = TASK_NAMES.map((name: TaskName) => {
  @Injectable()
  @HandlesTask(name)
  class Handler implements TaskHandler {
    async run(_parameters: unknown, context: TaskContext): Promise<void> {
      work.ran.push(context.task.id);
      await work.run(context);
    }
  }
  return Handler;
});

describe('tasks on a real Redis and a real database', () => {
  const home = mkdtempSync(join(tmpdir(), 'fbt-'));
  let redis: PrivateRedis;
  let app: INestApplicationContext;
  let tasks: TasksService;

  async function boot(providers: Type[] = handlers): Promise<void> {
    const configuration = loadConfiguration({ home, env: {} });
    const connection = { path: redis.socket, maxRetriesPerRequest: null };
    const module = await Test.createTestingModule({
      imports: [
        ConfigModule.forRoot(configuration),
        DatabaseModule.forRoot({ entities: TASKS_ENTITIES, migrations: TASKS_MIGRATIONS }),
        BullModule.forRoot({ connection }),
        InstancesModule.forRoot([instance]),
        TasksModule.forInstances([instance.id]),
      ],
      providers: [
        InstanceWorkers,
        { provide: QUEUE_SERVER, useValue: { connection } },
        ...providers,
      ],
    }).compile();
    app = module;
    await module.init();
    tasks = app.get(TasksService);
    app.get(TaskRunner).bindHandlers();
    await tasks.recover(instance.id);
  }

  const submit = () => tasks.submit(instance.id, 'tester', { name: 'keyring creation' });

  /** Resolves when the task ends, however early the listener comes. */
  function ended(id: string): Promise<TaskDescription> {
    return new Promise((resolve, reject) => {
      const look = () =>
        tasks.get(instance.id, id).then((task) => {
          if (task.state === 'finished') resolve(task);
        }, reject);
      tasks.onChange((change) => {
        if (change.id === id) void look();
      });
      void look();
    });
  }

  beforeAll(async () => {
    await mkdir(join(home, 'run'), { recursive: true });
    redis = await PrivateRedis.start(join(home, 'state/redis'), join(home, 'run/redis.sock'));
  });
  beforeEach(async () => {
    work.ran = [];
    work.run = () => Promise.resolve();
    await boot();
  });
  afterEach(async () => {
    await app.get(InstanceWorkers).stop();
    await app.close();
  });
  afterAll(async () => {
    await redis.stop();
    await rm(home, { recursive: true });
  });

  it('run one at a time, in the order of their submission', async () => {
    let running = 0;
    work.run = async () => {
      running += 1;
      expect(running).toBe(1);
      await new Promise(setImmediate);
      running -= 1;
    };
    const ids = await Promise.all([submit(), submit(), submit(), submit()]);
    const queued = (await tasks.queue(instance.id)).map(({ id }) => id);
    expect([...queued].sort()).toEqual([...ids].sort());
    app.get(InstanceWorkers).start();
    await Promise.all(ids.map(ended));
    expect(work.ran).toEqual(queued);
    expect(await tasks.queue(instance.id)).toEqual([]);
  });

  it('end as a success or with the reason of the failure, in row and journal', async () => {
    app.get(InstanceWorkers).start();
    const good = await ended(await submit());
    expect(good).toMatchObject({ state: 'finished', result: 'success' });
    work.run = () => Promise.reject(new Error('no more room'));
    const bad = await ended(await submit());
    expect(bad.result).toBe('failed');
    const decoder = new JournalDecoder();
    const records = decoder.push(await readFile(bad.io.journal.path));
    expect(records.at(-1)).toMatchObject({ message: 'Task failed: no more room' });
  });

  it('run once even if their job is delivered twice', async () => {
    const id = await submit();
    const runner = app.get(TaskRunner);
    const { signal } = new AbortController();
    await Promise.all([runner.run(id, signal), runner.run(id, signal)]);
    expect(work.ran).toEqual([id]);
  });

  it('survive the loss of the queue', async () => {
    const id = await submit();
    await app.get<Queue>(getQueueToken(queueName(instance.id))).obliterate({ force: true });
    await app.close();
    await boot();
    app.get(InstanceWorkers).start();
    expect(await ended(id)).toMatchObject({ result: 'success' });
  });

  it('that a dead daemon was running have failed, their journal says so, and others go on', async () => {
    // The row is claimed and the journal torn, as a kill leaves them.
    let release: () => void = () => undefined;
    work.run = () => new Promise((resolve) => (release = resolve));
    const killed = await submit();
    const waiting = await submit();
    const running = app.get(TaskRunner).run(killed, new AbortController().signal);
    while (work.ran.length === 0) await new Promise(setImmediate);
    const { io } = await tasks.get(instance.id, killed);
    await writeFile(io.journal.path, Buffer.from([1, 0, 0, 0, 255]), { flag: 'a' });
    await app.close();
    // The old process is gone as far as the database can tell: its handler never gets to the end.
    await boot();
    const task = await tasks.get(instance.id, killed);
    expect(task).toMatchObject({ state: 'finished', result: 'failed' });
    const records = new JournalDecoder().push(await readFile(io.journal.path));
    expect(records.at(-1)).toMatchObject({
      message: 'Task failed: the daemon stopped while the task was running',
    });
    work.run = () => Promise.resolve();
    app.get(InstanceWorkers).start();
    expect(await ended(waiting)).toMatchObject({ result: 'success' });
    expect(work.ran.filter((id) => id === killed)).toHaveLength(1);
    release();
    await running.catch(() => undefined);
  });

  it('are followed from the start on their console socket while they run', async () => {
    let release: () => void = () => undefined;
    work.run = ({ journal }) => {
      journal.output(Buffer.from('compiling\n'));
      return new Promise((resolve) => (release = resolve));
    };
    app.get(InstanceWorkers).start();
    const id = await submit();
    while (work.ran.length === 0) await new Promise(setImmediate);
    const { io } = await tasks.get(instance.id, id);
    const client = connect(io.console);
    const decoder = new JournalDecoder();
    const seen: string[] = [];
    client.on('data', (data) => {
      for (const message of decoder.push(data)) {
        seen.push(message.command === 'log' ? message.message : message.command);
        if (message.command === 'output') release();
      }
    });
    await once(client, 'close');
    expect(seen).toContain('output');
    expect(seen.at(-1)).toBe('Task succeeded');
  });

  it('are stopped with the daemon, and say why', async () => {
    work.run = ({ signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('aborted')));
      });
    app.get(InstanceWorkers).start();
    const id = await submit();
    while (work.ran.length === 0) await new Promise(setImmediate);
    await app.get(InstanceWorkers).stop();
    expect(await tasks.get(instance.id, id)).toMatchObject({ result: 'failed' });
  });

  it('fail when their workspace is gone, and the next one runs', async () => {
    const id = await submit();
    const { place } = await tasks.get(instance.id, id);
    await rm(place, { recursive: true });
    app.get(InstanceWorkers).start();
    expect(await ended(id)).toMatchObject({ result: 'failed' });
    expect(await ended(await submit())).toMatchObject({ result: 'success' });
  });

  it('end although what they left behind cannot be removed', async () => {
    work.run = async ({ workspace }) => {
      // Not even root removes a folder that something is mounted on.
      const scratch = join(workspace, SCRATCH);
      await mkdir(scratch);
      await run(['mount', '--bind', scratch, scratch]);
    };
    app.get(InstanceWorkers).start();
    const { place, result } = await ended(await submit());
    await run(['umount', join(place, SCRATCH)]);
    expect(result).toBe('success');
  });

  it('do not keep the daemon from starting when a kill left no workspace', async () => {
    let release: () => void = () => undefined;
    work.run = () => new Promise((resolve) => (release = resolve));
    const id = await submit();
    const running = app.get(TaskRunner).run(id, new AbortController().signal);
    while (work.ran.length === 0) await new Promise(setImmediate);
    await rm((await tasks.get(instance.id, id)).place, { recursive: true });
    await app.close();
    await boot();
    expect(await tasks.get(instance.id, id)).toMatchObject({ result: 'failed' });
    release();
    await running.catch(() => undefined);
  });

  it('wait for the next start when the daemon is just stopping', async () => {
    const id = await submit();
    await app.get(TaskRunner).run(id, AbortSignal.abort());
    expect(await tasks.get(instance.id, id)).toMatchObject({ state: 'pending' });
    app.get(InstanceWorkers).start();
    expect(await ended(id)).toMatchObject({ result: 'success' });
  });

  it('cut off a client that does not read to the end', async () => {
    let release: () => void = () => undefined;
    work.run = ({ journal }) => {
      // More than a socket buffers.
      journal.output(Buffer.alloc(4 * 1024 * 1024));
      return new Promise((resolve) => (release = resolve));
    };
    app.get(InstanceWorkers).start();
    const id = await submit();
    while (work.ran.length === 0) await new Promise(setImmediate);
    const { io } = await tasks.get(instance.id, id);
    const client = connect(io.console);
    await once(client, 'readable');
    release();
    await ended(id);
    while (existsSync(io.console)) await new Promise(setImmediate);
    let bytes = 0;
    client.on('data', (data) => (bytes += data.length));
    client.on('error', () => undefined);
    await once(client, 'close');
    expect(bytes).toBeLessThan(4 * 1024 * 1024);
  });

  it('refuse to be served by a program that lacks a handler', async () => {
    await app.close();
    await expect(boot(handlers.slice(1))).rejects.toThrow(/without a handler: artifact build/);
    await app.close();
    await boot();
  });
});
