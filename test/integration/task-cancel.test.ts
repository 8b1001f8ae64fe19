import { TaskHost, untilAborted } from './support/task-host';

describe('a task that is cancelled', () => {
  const host = new TaskHost();

  beforeEach(() => host.start());
  afterEach(() => host.stop());
  afterAll(() => host.remove());

  it('while it waits never runs, and row, journal and signal say why', async () => {
    const id = await host.submit();
    const next = await host.submit();
    expect(await host.cancel(id)).toBe(true);
    expect(await host.task(id)).toMatchObject({
      state: 'finished',
      result: 'failed',
      reason: 'cancelled by jane',
    });
    expect(await host.messages(id)).toEqual(['Task failed: cancelled by jane']);
    expect(host.changes).toContain(`${id} finished failed`);
    await host.startWorkers();
    await host.ended(next);
    expect(host.ran).toEqual([next]);
  });

  it('while it runs is told so and ends for that reason, and the next one runs', async () => {
    host.work = untilAborted;
    await host.startWorkers();
    const id = await host.submit();
    await host.begun(id);
    host.work = () => Promise.resolve();
    const next = await host.submit();
    expect(await host.cancel(id)).toBe(false);
    expect(await host.ended(id)).toMatchObject({ result: 'failed', reason: 'cancelled by jane' });
    expect((await host.messages(id)).at(-1)).toBe('Task failed: cancelled by jane');
    expect(await host.ended(next)).toMatchObject({ result: 'success' });
  });

  it('begins no further step', async () => {
    let second = false;
    host.work = async ({ journal, signal }) => {
      await journal.step(
        'one',
        () => new Promise((resolve) => (signal.onabort = () => resolve(1))),
      );
      await journal.step('two', () => Promise.resolve((second = true)));
    };
    await host.startWorkers();
    const id = await host.submit();
    await host.begun(id);
    await host.cancel(id);
    expect(await host.ended(id)).toMatchObject({ reason: 'cancelled by jane' });
    expect(second).toBe(false);
  });

  it('is a success all the same when its work was done by then', async () => {
    host.work = ({ signal }) => new Promise((resolve) => (signal.onabort = () => resolve()));
    await host.startWorkers();
    const id = await host.submit();
    await host.begun(id);
    await host.cancel(id);
    expect(await host.ended(id)).toMatchObject({ result: 'success' });
  });

  it('has not ended already: that is refused, and changes nothing', async () => {
    await host.startWorkers();
    const id = await host.submit();
    const before = await host.ended(id);
    await expect(host.cancel(id)).rejects.toThrow(
      `task "${id}" has ended already (success), there is nothing to cancel`,
    );
    expect(await host.task(id)).toEqual(before);
  });

  it('exists, and in this instance', async () => {
    await expect(host.cancel('00000000-0000-4000-8000-000000000000')).rejects.toThrow(
      /has no task/,
    );
    const id = await host.submit();
    await expect(host.tasks.cancel('other', id, 'jane')).rejects.toThrow(/"other" has no task/);
  });

  it('at the moment it starts either never runs or ends for that reason', async () => {
    host.work = untilAborted;
    await host.startWorkers();
    const ids = await Promise.all(Array.from({ length: 12 }, () => host.submit()));
    // In the order they run: each meets its worker about when it takes the task.
    for (const id of ids) {
      await host.cancel(id);
      expect(await host.ended(id)).toMatchObject({
        result: 'failed',
        reason: 'cancelled by jane',
      });
    }
    expect(new Set(host.ran).size).toBe(host.ran.length);
  });

  it('keeps that reason when the daemon stops meanwhile', async () => {
    host.work = untilAborted;
    await host.startWorkers();
    const id = await host.submit();
    await host.begun(id);
    await host.cancel(id);
    await host.stop();
    await host.start();
    expect(await host.task(id)).toMatchObject({ reason: 'cancelled by jane' });
  });
});
