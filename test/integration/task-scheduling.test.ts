import { getQueueToken } from '@nestjs/bullmq';
import type { TaskParameters } from '@fatbuildr/protocol';
import { queueName, type TaskContext } from '@fatbuildr/tasks';
import type { Queue } from 'bullmq';
import { build, TaskHost } from './support/task-host';

const image: TaskParameters = { name: 'image creation', format: 'deb', force: false };
const environment: TaskParameters = {
  ...{ name: 'image build environment creation', format: 'deb' },
  ...{ environment: 'bookworm', architecture: 'x86_64' },
};

describe('tasks that wait', () => {
  const host = new TaskHost();
  /** Ends the handler of a task. */
  let releases: Map<string, () => void>;

  beforeEach(async () => {
    releases = new Map();
    await host.start();
    host.work = ({ task }: TaskContext) => new Promise((resolve) => releases.set(task.id, resolve));
  });
  afterEach(() => host.stop());
  afterAll(() => host.remove());

  async function finish(id: string): Promise<void> {
    await host.begun(id);
    releases.get(id)!();
    await host.ended(id);
  }

  /** The tasks that run by now, once so many do. */
  async function running(count: number): Promise<string[]> {
    for (;;) {
      const tasks = await host.tasks.running('default');
      if (tasks.length >= count) return tasks.map(({ id }) => id);
    }
  }

  it('run beside others, as many as [daemon] concurrency', async () => {
    await host.startWorkers();
    const ids: string[] = [];
    for (const artifact of ['a', 'b', 'c']) ids.push(await host.submit(build(artifact)));
    await Promise.all(ids.slice(0, 2).map((id) => host.begun(id)));
    expect(await host.tasks.queue('default')).toMatchObject([
      { id: ids[2], position: 1, waiting: 'waits for a free place: 2 tasks run' },
    ]);
    expect(await host.task(ids[2]!)).toMatchObject({ state: 'pending', position: 1 });
    expect(await host.task(ids[0]!)).not.toHaveProperty('position');
    await finish(ids[1]!);
    await host.begun(ids[2]!);
    expect(await running(2)).toEqual([ids[0], ids[2]]);
    await finish(ids[0]!);
    await finish(ids[2]!);
    expect(await host.task(ids[2]!)).not.toHaveProperty('waiting');
  });

  it('run also when the news of them is lost', async () => {
    await host.startWorkers();
    jest.spyOn(host.tasks, 'announce').mockImplementationOnce(() => undefined);
    await finish(await host.submit(build('hello')));
  }, 60_000);

  it('do the right thing when image, environment and builds are submitted in one go', async () => {
    await host.startWorkers();
    const made = await host.submit(image);
    const prepared = await host.submit(environment);
    const hello = await host.submit(build('hello'));
    const again = await host.submit(build('hello'));
    const other = await host.submit(build('other'));
    await host.begun(made);
    const short = (id: string) => id.slice(0, 8);
    expect((await host.tasks.queue('default')).map(({ waiting }) => waiting)).toEqual([
      `waits for the image creation ${short(made)} of tester`,
      `waits for the image creation ${short(made)} of tester`,
      `waits for the image creation ${short(made)} of tester`,
      `waits for the image creation ${short(made)} of tester`,
    ]);
    await finish(made);
    await host.begun(prepared);
    expect((await host.tasks.queue('default')).map(({ waiting }) => waiting)).toEqual([
      expect.stringContaining('image build environment creation'),
      expect.stringContaining('image build environment creation'),
      expect.stringContaining('image build environment creation'),
    ]);
    await finish(prepared);
    await Promise.all([hello, other].map((id) => host.begun(id)));
    expect((await host.task(again)).waiting).toBe(
      `waits for the artifact build ${short(hello)} of tester`,
    );
    await finish(other);
    await finish(hello);
    await finish(again);
    expect(host.ran.slice(0, 2)).toEqual([made, prepared]);
    expect(host.ran.at(-1)).toBe(again);
  });

  it('go on when what they wait for fails or is cancelled', async () => {
    await host.startWorkers();
    const made = await host.submit(image);
    const waiting = await host.submit(environment);
    const cancelled = await host.submit(image);
    const hello = await host.submit(build('hello'));
    await host.begun(made);
    await host.cancel(cancelled);
    host.work = () => Promise.reject(new Error('no mirror'));
    await finish(made);
    expect(await host.ended(waiting)).toMatchObject({ result: 'failed' });
    expect(await host.ended(hello)).toMatchObject({ result: 'failed' });
    expect(host.ran).toEqual([made, waiting, hello]);
  });

  it('let the only one of another user pass, and start the rest in turn', async () => {
    const many: string[] = [];
    for (let number = 0; number < 20; number++) {
      many.push(await host.submit(build(`artifact-${number}`), 'ann'));
    }
    const one = await host.submit(build('other'), 'bob');
    host.work = () => Promise.resolve();
    await host.startWorkers();
    await Promise.all([...many, one].map((id) => host.ended(id)));
    expect(host.ran.indexOf(one)).toBeLessThan(4);
    expect(host.ran).toHaveLength(21);
  });

  it('run in their order after a crash, though their queue is lost', async () => {
    const ids = [await host.submit(image), await host.submit(environment)];
    ids.push(await host.submit(build('hello')), await host.submit(image));
    await host.get<Queue>(getQueueToken(queueName('default'))).obliterate({ force: true });
    await host.abandon();
    await host.start();
    host.work = () => Promise.resolve();
    await host.startWorkers();
    await Promise.all(ids.map((id) => host.ended(id)));
    expect(host.ran).toEqual(ids);
  });

  it('run although their jobs are lost while the daemon runs', async () => {
    await host.startWorkers();
    const made = await host.submit(image);
    const prepared = await host.submit(environment);
    await host.begun(made);
    await host.get<Queue>(getQueueToken(queueName('default'))).remove(prepared);
    await finish(made);
    await finish(prepared);
  });
});
