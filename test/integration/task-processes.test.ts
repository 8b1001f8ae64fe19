import type { TaskParameters } from '@fatbuildr/protocol';
import { TaskRunner, type TasksService } from '@fatbuildr/tasks';
import { build, TaskHost, untilAborted } from './support/task-host';

const image: TaskParameters = { name: 'image update', format: 'deb' };

describe('a process that shares the tasks of a daemon and runs none', () => {
  const host = new TaskHost();
  let visitor: TasksService;
  let changes: string[];

  beforeEach(async () => {
    await host.start();
    visitor = await host.visit();
    changes = [];
    visitor.onChange(({ id, state, result }) => changes.push(`${id} ${state} ${result}`));
  });
  afterEach(() => host.stop());
  afterAll(() => host.remove());

  const submit = (parameters: TaskParameters) => visitor.submit('default', 'web', parameters);

  async function told(change: string): Promise<void> {
    while (!changes.includes(change)) await new Promise(setImmediate);
  }

  it('submits tasks that the daemon runs at once, and learns of each of their changes', async () => {
    await host.startWorkers();
    const id = await submit(build('hello'));
    await told(`${id} finished success`);
    expect(changes).toEqual([
      `${id} pending unknown`,
      `${id} running unknown`,
      `${id} finished success`,
    ]);
    expect(host.changes).toEqual(changes);
    expect(await visitor.get('default', id)).toMatchObject({ user: 'web', result: 'success' });
  });

  it('submits into the one order of all, and says the same of what waits', async () => {
    let release: () => void = () => undefined;
    host.work = () => new Promise((resolve) => (release = resolve));
    await host.startWorkers();
    const first = await host.submit(image);
    await host.begun(first);
    const ids = [await submit(build('hello')), await host.submit(image), await submit(image)];
    const queue = await visitor.queue('default');
    expect(queue.map(({ id }) => id)).toEqual(ids);
    expect(queue).toEqual(await host.tasks.queue('default'));
    host.work = () => Promise.resolve();
    release();
    await Promise.all(ids.map((id) => host.ended(id)));
    expect(host.ran).toEqual([first, ...ids]);
  });

  it('cancels a task that waits: it never runs, and the next does', async () => {
    let release: () => void = () => undefined;
    host.work = () => new Promise((resolve) => (release = resolve));
    await host.startWorkers();
    const first = await host.submit(image);
    await host.begun(first);
    const second = await host.submit(image);
    const third = await host.submit(image);
    expect(await visitor.cancel('default', second, 'web')).toBe(true);
    host.work = () => Promise.resolve();
    release();
    await host.ended(third);
    expect(host.ran).toEqual([first, third]);
    expect(host.changes).toContain(`${second} finished failed`);
  });

  it('cancels a task that runs in the daemon', async () => {
    host.work = untilAborted;
    await host.startWorkers();
    const id = await host.submit(image);
    await told(`${id} running unknown`);
    expect(await visitor.cancel('default', id, 'web')).toBe(false);
    await told(`${id} finished failed`);
    expect(await visitor.get('default', id)).toMatchObject({ reason: 'cancelled by web' });
    await expect(visitor.cancel('default', id, 'web')).rejects.toThrow(/has ended already/);
  });

  it('is told that nobody runs a task that a dead daemon has left', async () => {
    host.work = untilAborted;
    const id = await host.submit(image);
    // As far as others can tell: it is not there for their requests.
    const stop = new AbortController();
    const running = host.get(TaskRunner).run(id, stop.signal);
    await host.begun(id);
    await expect(visitor.cancel('default', id, 'web')).rejects.toThrow(/no daemon answers/);
    stop.abort();
    await running;
  });

  it('leaves what it submits to the next start of the daemon when none runs', async () => {
    const ids = [await submit(image), await submit(build('hello')), await submit(image)];
    expect((await visitor.queue('default')).map(({ position }) => position)).toEqual([1, 2, 3]);
    await host.startWorkers();
    await Promise.all(ids.map((id) => host.ended(id)));
    expect(host.ran).toEqual(ids);
  });
});
