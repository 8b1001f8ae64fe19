import type { TaskContext } from '@fatbuildr/tasks';
import type { TaskFilter, TaskParameters } from '@fatbuildr/protocol';
import { TaskHost } from './support/task-host';

const build = (artifact: string, distribution = 'bookworm'): TaskParameters => ({
  name: 'artifact build',
  ...{ format: 'deb', distribution, architectures: ['x86_64'], derivative: 'main', artifact },
  ...{ author: 'Jane Roe', email: 'jane@acme.example', message: 'Build', archives: [] },
});

describe('tasks of the past', () => {
  const host = new TaskHost();

  beforeEach(async () => {
    await host.start();
    await host.startWorkers();
  });
  afterEach(async () => {
    await host.stop();
    await host.forget();
  });
  afterAll(() => host.remove());

  const submit = (parameters: TaskParameters, user = 'jane') =>
    host.tasks.submit('default', user, parameters);
  const run = async (parameters: TaskParameters, user?: string) =>
    host.ended(await submit(parameters, user));
  const found = async (filter: TaskFilter) =>
    (await host.tasks.search('default', filter)).map(({ id }) => id);

  it('are found by what they worked on, for whom, when and how they ended', async () => {
    const hello = await run(build('hello'));
    const percent = await run(build('100%_pure', 'trixie'), 'joe');
    const key = await run({ name: 'keyring creation' });
    host.work = () => Promise.reject(new Error('no room'));
    const artifact = { name: 'Hello-doc', architecture: 'noarch', version: '1', size: 1 };
    const place = { format: 'deb', distribution: 'trixie', derivative: 'extras' };
    const deletion = await run({ name: 'artifact deletion', ...place, artifact });
    const ids = [deletion.id, key.id, percent.id, hello.id];

    expect(await found({})).toEqual(ids);
    expect(await found({ artifact: 'HELLO' })).toEqual([deletion.id, hello.id]);
    expect(await found({ artifact: '%' })).toEqual([percent.id]);
    expect(await found({ artifact: '_' })).toEqual([percent.id]);
    expect(await found({ user: 'joe' })).toEqual([percent.id]);
    expect(await found({ result: 'failed' })).toEqual([deletion.id]);
    expect(await found({ name: 'keyring creation' })).toEqual([key.id]);
    expect(await found({ distribution: 'trixie' })).toEqual([deletion.id, percent.id]);
    expect(await found({ distribution: 'trixie', derivative: 'main' })).toEqual([percent.id]);
    expect(await found({ states: ['finished'], limit: 9 })).toEqual(ids);
    expect(await found({ format: 'rpm' })).toEqual([]);
    expect(await found({ states: ['pending', 'running'] })).toEqual([]);
    expect(await found({ since: hello.submission, until: deletion.submission + 1 })).toEqual(ids);
    expect(await found({ since: deletion.submission + 1 })).toEqual([]);
    expect(await found({ until: hello.submission })).toEqual([]);
  });

  it('come in pages that stay the same while tasks are added', async () => {
    for (const artifact of ['a', 'b', 'c', 'd']) await run(build(artifact));
    const first = await host.tasks.search('default', { limit: 2 });
    await run(build('e'));
    const second = await host.tasks.search('default', { limit: 2, before: first[1]!.sequence });
    const names = [...first, ...second].map((task) => 'artifact' in task && task.artifact);
    expect(names).toEqual(['d', 'c', 'b', 'a']);
  });

  it('tell when they ran, and what each step took', async () => {
    const before = Math.floor(Date.now() / 1000);
    host.work = async ({ journal }) => {
      journal.plan(['fetch', 'build', 'publish']);
      await journal.step('fetch', () => Promise.resolve());
      await journal.step('build', () => Promise.reject(new Error('no compiler')));
    };
    const { started, ended, steps } = await run(build('hello'));
    expect(started).toBeGreaterThanOrEqual(before);
    expect(ended).toBeGreaterThanOrEqual(started!);
    // What was planned and never began is no part of the record.
    expect(steps.map(({ name }) => name)).toEqual(['fetch', 'build']);
    for (const step of steps) {
      expect(step.started).toBeGreaterThanOrEqual(before);
      expect(step.duration).toBeGreaterThanOrEqual(0);
    }
  });

  it('are estimates for those to come: of the same kind, else of the artifact, else of the name', async () => {
    const steps = (...names: string[]) => {
      host.work = async ({ journal }: TaskContext) => {
        for (const name of names) await journal.step(name, () => Promise.resolve());
      };
    };
    const estimated = async (parameters: TaskParameters) => {
      const estimates = await host.tasks.estimate('default', await submit(parameters));
      return estimates.map(({ name }) => name);
    };
    expect(await estimated(build('first'))).toEqual([]);
    steps('of hello in bookworm');
    await run(build('hello'));
    steps('of hello in trixie');
    await run(build('hello', 'trixie'));
    steps('of another');
    await run(build('another'));
    host.work = () => Promise.reject(new Error('failures count for nothing'));
    await run(build('hello'));
    expect(await estimated(build('hello'))).toEqual(['of hello in bookworm']);
    expect(await estimated(build('hello', 'sid'))).toEqual([
      'of hello in trixie',
      'of hello in bookworm',
    ]);
    expect(await estimated(build('unheard'))).toContain('of another');
    expect(await estimated({ name: 'keyring creation' })).toEqual([]);
  });
});

describe('the steps of a running task', () => {
  const host = new TaskHost();
  afterAll(async () => {
    await host.stop();
    await host.remove();
  });

  it('are in its description: those that ended, the one at work and those to come', async () => {
    await host.start();
    await host.startWorkers();
    let release: () => void = () => undefined;
    host.work = async ({ journal }) => {
      journal.plan(['fetch', 'build', 'publish']);
      await journal.step('fetch', () => Promise.resolve());
      await journal.step('build', () => new Promise<void>((resolve) => (release = resolve)));
      await journal.step('publish', () => Promise.resolve());
    };
    const id = await host.submit();
    let steps = (await host.task(id)).steps;
    while (!((steps[1]?.started ?? -1) > 0)) steps = (await host.task(id)).steps;
    expect(steps).toEqual([
      { name: 'fetch', started: expect.any(Number), duration: expect.any(Number) },
      { name: 'build', started: expect.any(Number), duration: -1 },
      { name: 'publish', started: -1, duration: -1 },
    ]);
    expect(steps[0]!.duration).toBeGreaterThanOrEqual(0);
    release();
    expect((await host.ended(id)).steps.map(({ name }) => name)).toEqual([
      'fetch',
      'build',
      'publish',
    ]);
  });
});
