import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { once } from 'node:events';
import { connect } from 'node:net';
import { getQueueToken } from '@nestjs/bullmq';
import { run } from '@fatbuildr/processes';
import { JournalDecoder } from '@fatbuildr/protocol';
import { queueName, SCRATCH, TASK_NAMES, TaskRunner } from '@fatbuildr/tasks';
import type { Queue } from 'bullmq';
import { TaskHost, untilAborted } from './support/task-host';

describe('tasks on a real Redis and a real database', () => {
  const host = new TaskHost();
  const submit = () => host.submit();

  beforeEach(() => host.start());
  afterEach(() => host.stop());
  afterAll(() => host.remove());

  it('that conflict run one at a time, in the order of their submission', async () => {
    let running = 0;
    host.work = async () => {
      running += 1;
      expect(running).toBe(1);
      await new Promise(setImmediate);
      running -= 1;
    };
    const ids = await Promise.all([submit(), submit(), submit(), submit()]);
    const queued = (await host.tasks.queue('default')).map(({ id }) => id);
    expect([...queued].sort()).toEqual([...ids].sort());
    await host.startWorkers();
    await Promise.all(ids.map((id) => host.ended(id)));
    expect(host.ran).toEqual(queued);
    expect(await host.tasks.queue('default')).toEqual([]);
  });

  it('end as a success or with the reason of the failure, in row and journal', async () => {
    await host.startWorkers();
    const good = await host.ended(await submit());
    expect(good).toMatchObject({ state: 'finished', result: 'success' });
    host.work = () => Promise.reject(new Error('no more room'));
    const bad = await host.ended(await submit());
    expect(bad.result).toBe('failed');
    const decoder = new JournalDecoder();
    const records = decoder.push(await readFile(bad.io.journal.path));
    expect(records.at(-1)).toMatchObject({ message: 'Task failed: no more room' });
  });

  it('run once even if their job is delivered twice', async () => {
    const id = await submit();
    const runner = host.get(TaskRunner);
    const { signal } = new AbortController();
    await Promise.all([runner.run(id, signal), runner.run(id, signal)]);
    expect(host.ran).toEqual([id]);
  });

  it('survive the loss of the queue', async () => {
    const id = await submit();
    await host.get<Queue>(getQueueToken(queueName('default'))).obliterate({ force: true });
    await host.abandon();
    await host.start();
    await host.startWorkers();
    expect(await host.ended(id)).toMatchObject({ result: 'success' });
  });

  it('that a dead daemon was running have failed, their journal says so, and others go on', async () => {
    // The row is claimed and the journal torn, as a kill leaves them.
    let release: () => void = () => undefined;
    host.work = () => new Promise((resolve) => (release = resolve));
    const killed = await submit();
    const waiting = await submit();
    const running = host.get(TaskRunner).run(killed, new AbortController().signal);
    await host.begun(killed);
    const { io } = await host.task(killed);
    await writeFile(io.journal.path, Buffer.from([1, 0, 0, 0, 255]), { flag: 'a' });
    await host.abandon();
    // The old process is gone as far as the database can tell: its handler never gets to the end.
    await host.start();
    const task = await host.task(killed);
    expect(task).toMatchObject({ state: 'finished', result: 'failed' });
    const records = new JournalDecoder().push(await readFile(io.journal.path));
    expect(records.at(-1)).toMatchObject({
      message: 'Task failed: the daemon stopped while the task was running',
    });
    host.work = () => Promise.resolve();
    await host.startWorkers();
    expect(await host.ended(waiting)).toMatchObject({ result: 'success' });
    expect(host.ran.filter((id) => id === killed)).toHaveLength(1);
    release();
    await running.catch(() => undefined);
  });

  it('are followed from the start on their console socket while they run', async () => {
    let release: () => void = () => undefined;
    host.work = ({ journal }) => {
      journal.output(Buffer.from('compiling\n'));
      return new Promise((resolve) => (release = resolve));
    };
    await host.startWorkers();
    const id = await submit();
    await host.begun(id);
    const { io } = await host.task(id);
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
    host.work = untilAborted;
    await host.startWorkers();
    const id = await submit();
    await host.begun(id);
    await host.stop();
    await host.start();
    expect(await host.task(id)).toMatchObject({
      result: 'failed',
      reason: 'stopped: the daemon was stopped',
    });
  });

  it('fail when their workspace is gone, and the next one runs', async () => {
    const id = await submit();
    const { place } = await host.task(id);
    await rm(place, { recursive: true });
    await host.startWorkers();
    expect(await host.ended(id)).toMatchObject({ result: 'failed' });
    expect(await host.ended(await submit())).toMatchObject({ result: 'success' });
  });

  it('end although what they left behind cannot be removed', async () => {
    host.work = async ({ workspace }) => {
      // Not even root removes a folder that something is mounted on.
      const scratch = join(workspace, SCRATCH);
      await mkdir(scratch);
      await run(['mount', '--bind', scratch, scratch]);
    };
    await host.startWorkers();
    const { place, result } = await host.ended(await submit());
    await run(['umount', join(place, SCRATCH)]);
    expect(result).toBe('success');
  });

  it('do not keep the daemon from starting when a kill left no workspace', async () => {
    let release: () => void = () => undefined;
    host.work = () => new Promise((resolve) => (release = resolve));
    const id = await submit();
    const running = host.get(TaskRunner).run(id, new AbortController().signal);
    await host.begun(id);
    await rm((await host.task(id)).place, { recursive: true });
    await host.abandon();
    await host.start();
    expect(await host.task(id)).toMatchObject({ result: 'failed' });
    release();
    await running.catch(() => undefined);
  });

  it('wait for the next start when the daemon is just stopping', async () => {
    const id = await submit();
    await host.get(TaskRunner).run(id, AbortSignal.abort());
    expect(await host.task(id)).toMatchObject({ state: 'pending' });
    await host.startWorkers();
    expect(await host.ended(id)).toMatchObject({ result: 'success' });
  });

  it('cut off a client that does not read to the end', async () => {
    let release: () => void = () => undefined;
    host.work = ({ journal }) => {
      // More than a socket buffers.
      journal.output(Buffer.alloc(4 * 1024 * 1024));
      return new Promise((resolve) => (release = resolve));
    };
    await host.startWorkers();
    const id = await submit();
    await host.begun(id);
    const { io } = await host.task(id);
    const client = connect(io.console);
    await once(client, 'readable');
    release();
    await host.ended(id);
    while (existsSync(io.console)) await new Promise(setImmediate);
    let bytes = 0;
    client.on('data', (data) => (bytes += data.length));
    client.on('error', () => undefined);
    await once(client, 'close');
    expect(bytes).toBeLessThan(4 * 1024 * 1024);
  });

  it('refuse to be served by a program that lacks a handler', async () => {
    await host.stop();
    host.names = TASK_NAMES.slice(1);
    await expect(host.start()).rejects.toThrow(/without a handler: artifact build/);
  });
});
