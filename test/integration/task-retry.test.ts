import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TaskRetries } from '@fatbuildr/tasks';
import { TaskHost } from './support/task-host';

const SUBMITTED = 'submitted.txt';

describe('a task that is retried', () => {
  const host = new TaskHost();
  const retry = (id: string) => host.get(TaskRetries).retry('default', id, 'jane');

  beforeEach(() => host.start());
  afterEach(async () => {
    await host.stop();
    await host.forget();
  });
  afterAll(() => host.remove());

  it('becomes a new one with the same parameters, which names the old one in the history', async () => {
    host.work = () => Promise.reject(new Error('no more room'));
    await host.startWorkers();
    const old = await host.ended(await host.submit({ name: 'keyring renewal', duration: '3w' }));
    host.work = () => Promise.resolve();
    const id = await retry(old.id);
    expect(await host.ended(id)).toMatchObject({
      name: 'keyring renewal',
      duration: '3w',
      user: 'jane',
      result: 'success',
      retries: old.id,
    });
    const [newest, before] = await host.tasks.history('default', 2);
    expect(newest).toMatchObject({ id, retries: old.id });
    expect(before).toEqual(old);
    expect(before).not.toHaveProperty('retries');
  });

  it('may have been cancelled before it ran', async () => {
    const old = await host.submit();
    await host.cancel(old);
    const id = await retry(old);
    await host.startWorkers();
    expect(await host.ended(id)).toMatchObject({ result: 'success', retries: old });
  });

  it('takes along what was submitted with it', async () => {
    host.resubmit = async (from, to) => {
      await writeFile(join(to, SUBMITTED), await readFile(join(from, SUBMITTED)));
    };
    const old = await host.task(await host.submit());
    await writeFile(join(old.place, SUBMITTED), 'definition');
    await host.startWorkers();
    await host.ended(old.id);
    const { place } = await host.task(await retry(old.id));
    expect(await readFile(join(place, SUBMITTED), 'utf8')).toBe('definition');
  });

  it('is refused, and leaves nothing, when what was submitted is gone', async () => {
    host.resubmit = async (from) => {
      await readFile(join(from, SUBMITTED));
    };
    await host.startWorkers();
    const old = await host.ended(await host.submit());
    const submissions = host.changes.length;
    await expect(retry(old.id)).rejects.toThrow(/ENOENT/);
    expect(await host.workspaces()).toEqual([old.id]);
    expect(host.changes).toHaveLength(submissions);
  });

  it('must have ended, and exist', async () => {
    const id = await host.submit();
    await expect(retry(id)).rejects.toThrow(`task "${id}" is pending: only finished tasks`);
    await expect(retry('00000000-0000-4000-8000-000000000000')).rejects.toThrow(/has no task/);
  });
});
