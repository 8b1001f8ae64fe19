import { Logger } from '@nestjs/common';
import type { Configuration } from '@fatbuildr/config';
import type { ContainerEngine, RunningContainer } from '@fatbuildr/containers';
import type { TaskDescription } from '@fatbuildr/protocol';
import type { KeptTask, KeptTasks, TaskContext, TaskPurge } from '@fatbuildr/tasks';
import { KeptBuilds } from './kept-builds';

/** More than any disk has. */
const MORE_THAN_ALL = Number.MAX_SAFE_INTEGER;

/** Rows and containers in memory. */
class World {
  readonly tasks: KeptTask[] = [];
  readonly gone = new Map<string, string>();
  /** Of shells, by the build they are in. */
  readonly shells = new Map<string, string>();
  readonly containers = new Map<string, string>();
  description: Partial<TaskDescription> = {};
  readonly settings = { workspaces: '/', keepFree: undefined as number | undefined };
  private purging: (id: string) => Promise<void> = () => Promise.resolve();

  keep(id: string, until: number): void {
    this.tasks.push({ id, instance: 'default', until, container: `c-${id}`, workdir: '/build' });
    this.containers.set(`c-${id}`, id);
  }

  purge(id: string): Promise<void> {
    return this.purging(id);
  }

  private readonly rows = {
    keep: (id: string, until: number) => {
      if (this.tasks.some((task) => task.id === id)) return Promise.resolve(false);
      this.keep(id, until);
      return Promise.resolve(true);
    },
    all: () => Promise.resolve(this.tasks.filter(({ id }) => !this.gone.has(id))),
    shells: () => Promise.resolve(this.shells),
    stateOf: (id: string) =>
      Promise.resolve({
        finished: id !== 'running',
        kept: this.tasks.some((one) => one.id === id),
      }),
    look: (_: string, id: string) => {
      const row = this.tasks.find((task) => task.id === id);
      const [gone, shell] = [this.gone.get(id), this.shells.get(id)];
      return Promise.resolve({
        task: { name: 'artifact build', state: 'finished', result: 'failed', ...this.description },
        ...(row && { kept: { ...row, ...(gone !== undefined && { gone }) } }),
        ...(shell !== undefined && { shell }),
      });
    },
    forget: (id: string, why: string) => Promise.resolve(void this.gone.set(id, why)),
  } as unknown as KeptTasks;

  readonly kept = new KeptBuilds(
    this.rows,
    {
      beforeRemoval: (listener: World['purge']) => (this.purging = listener),
    } as unknown as TaskPurge,
    { tasks: this.settings } as Configuration,
    {
      halt: (id: string) => Promise.resolve(this.containers.has(id)),
      removeContainer: (id: string) => Promise.resolve(void this.containers.delete(id)),
      containers: () =>
        Promise.resolve(
          [...this.containers].map(([id, task]) => ({ id, task, instance: 'default' })),
        ),
      storage: () => Promise.resolve('/'),
    } as unknown as ContainerEngine,
  );
}

describe('what is kept of failed builds', () => {
  let world: World;

  beforeAll(() => Logger.overrideLogger(false));

  beforeEach(() => {
    world = new World();
    world.kept.onModuleInit();
  });

  it('goes at its time, unless somebody is in it', async () => {
    world.keep('old', 1000);
    world.keep('used', 1000);
    world.keep('new', 3000);
    world.shells.set('used', 'shell');
    await world.kept.sweep(2000);
    expect([...world.gone]).toEqual([['old', 'its time was over']]);
    expect([...world.containers.keys()]).toEqual(['c-used', 'c-new']);
  });

  it('goes while the disk lacks room, and stays where none is wanted', async () => {
    world.keep('one', 3000);
    world.keep('other', 3000);
    await world.kept.sweep(2000);
    expect(world.gone.size).toBe(0);
    world.settings.keepFree = MORE_THAN_ALL;
    await world.kept.sweep(2000);
    expect([...world.gone]).toEqual([
      ['one', 'the disk had too little room'],
      ['other', 'the disk had too little room'],
    ]);
  });

  it('goes with its task', async () => {
    world.keep('one', 3000);
    await world.purge('another');
    expect(world.containers.size).toBe(1);
    await world.purge('one');
    expect(world.containers.size).toBe(0);
  });

  it('is brought in order once a daemon starts: neither rows without container stay, nor containers without row', async () => {
    world.keep('lost', 3000);
    world.containers.delete('c-lost');
    world.keep('here', 3000);
    world.containers.set('stray', 'unknown');
    world.containers.set('busy', 'running');
    await world.kept.sweep(2000);
    expect([...world.gone]).toEqual([['lost', 'it was removed']]);
    expect([...world.containers.keys()]).toEqual(['c-here', 'busy']);
  });

  it.each<[string, Partial<TaskDescription>, RegExp]>([
    ['another task', { name: 'image shell' }, /did not: it is a task "image shell"/],
    ['a build that waits', { state: 'pending' }, /did not: it is pending/],
    ['a build that runs', { state: 'running' }, /did not: it is running/],
    ['a build that succeeded', { result: 'success' }, /did not: it succeeded/],
    ['one that was not to be kept', {}, /submit builds with --keep-failed/],
    ['one without container', { keep_failed: '2h' }, /failed before a command/],
  ])('is refused to who wants into %s', async (_what, description, message) => {
    world.description = description;
    await expect(world.kept.require('default', 'one')).rejects.toThrow(message);
  });

  it('is refused when it is gone, or in use', async () => {
    world.keep('one', 3000);
    await expect(world.kept.require('default', 'one')).resolves.toMatchObject({
      workdir: '/build',
    });
    world.shells.set('one', 'shell');
    await expect(world.kept.require('default', 'one')).rejects.toThrow('fatbuildrctl watch shell');
    await expect(world.kept.require('default', 'one', 'shell')).resolves.toBeDefined();
    await world.purge('one');
    await expect(world.kept.require('default', 'one')).rejects.toThrow(
      'kept no longer: its task was purged',
    );
  });

  it('is the container of the first command that fails, which no fault of the engine hides', async () => {
    const log = jest.fn();
    const context = { task: { id: 'one' }, journal: { log } } as unknown as TaskContext;
    const keep = world.kept.keeper(context, '2h');
    const container = { id: 'c-one', keep: jest.fn(() => Promise.resolve()) };
    await keep(container as unknown as RunningContainer, '/build');
    expect(log).toHaveBeenCalledWith(
      'info',
      expect.stringMatching(/ UTC: fatbuildrctl shell one$/),
    );
    await keep({ id: 'second' } as RunningContainer, '/build');
    expect(container.keep).toHaveBeenCalledTimes(1);
    expect(log).toHaveBeenCalledTimes(1);

    const failing = { id: 'c', keep: () => Promise.reject(new Error('no engine')) };
    const other = { ...context, task: { id: 'other' } } as TaskContext;
    await world.kept.keeper(other, '2h')(failing as unknown as RunningContainer, '/build');
    expect(log).toHaveBeenLastCalledWith('warning', 'The container is not kept: no engine');
    expect(world.gone.get('other')).toBe('no engine');
  });
});
