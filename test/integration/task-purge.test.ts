import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '@fatbuildr/processes';
import { TaskPurge } from '@fatbuildr/tasks';
import { TaskHost } from './support/task-host';

describe('a purge of the history', () => {
  const host = new TaskHost();

  /** With a task of each result that has ended and 1 MB of results each, oldest first. */
  async function begin(policy: string): Promise<string[]> {
    await host.start({ FATBUILDR_TASKS_PURGE: policy });
    await host.startWorkers();
    host.work = async ({ workspace }) => {
      await writeFile(join(workspace, 'results'), Buffer.alloc(1_000_000));
    };
    const ids: string[] = [];
    for (let count = 0; count < 4; count += 1) {
      ids.push(await host.submit());
      await host.ended(ids.at(-1)!);
    }
    host.work = (context) => host.get(TaskPurge).run(context);
    return ids;
  }

  async function purge(): Promise<string> {
    const id = await host.submit({ name: 'history purge' });
    await host.ended(id);
    return id;
  }

  const history = async () => (await host.tasks.history('default', 0)).map(({ id }) => id);

  afterEach(async () => {
    await host.stop();
    await host.forget();
  });
  afterAll(() => host.remove());

  it('removes rows and workspaces beyond the policy, says which, and keeps the rest', async () => {
    const [oldest, second, third, newest] = await begin('last:2');
    const waiting = await host.submit();
    await host.cancel(waiting);
    const purged = await purge();
    expect(await history()).toEqual([purged, waiting, newest]);
    expect(await host.workspaces()).toEqual([newest, waiting, purged].sort());
    const messages = await host.messages(purged);
    for (const id of [oldest, second, third]) {
      expect(messages).toContainEqual(
        expect.stringMatching(`Removed task ${id}: keyring creation`),
      );
    }
    expect(messages).toContainEqual(
      expect.stringMatching(/^Removed 3 of 5 tasks, 3\.\d MB, by the policy last:2$/),
    );
    expect(await host.task(newest!)).toMatchObject({ result: 'success' });
    await expect(host.task(oldest!)).rejects.toThrow(/has no task/);
  });

  it('measures what workspaces take up', async () => {
    const [, , third, newest] = await begin('size:2.5MB');
    const purged = await purge();
    expect(await history()).toEqual([purged, newest, third]);
  });

  it('leaves tasks alone that have not ended, itself included', async () => {
    const ids = await begin('each:1');
    let release: () => void = () => undefined;
    host.work = async (context) => {
      await new Promise<void>((resolve) => (release = resolve));
      await host.get(TaskPurge).run(context);
    };
    const running = await host.submit();
    await host.begun(running);
    const pending = await host.submit();
    host.work = () => Promise.resolve();
    release();
    await host.ended(running);
    await host.ended(pending);
    expect(await history()).toEqual([pending, running, ids.at(-1)]);
  });

  it('has no quarrel with a workspace that is gone, as a purge that was killed leaves it', async () => {
    const [oldest] = await begin('last:3');
    await rm((await host.task(oldest!)).place, { recursive: true });
    const purged = await purge();
    expect(await host.task(purged)).toMatchObject({ result: 'success' });
    expect(await history()).not.toContain(oldest);
  });

  it('keeps the row of a workspace that cannot be removed, and goes on', async () => {
    const [oldest, second] = await begin('last:2');
    // Not even root removes a folder that something is mounted on.
    const mounted = join((await host.task(second!)).place, 'mounted');
    await mkdir(mounted);
    await run(['mount', '--bind', mounted, mounted]);
    const purged = await purge();
    await run(['umount', mounted]);
    expect(await history()).toContain(second);
    expect(await history()).not.toContain(oldest);
    expect(await host.messages(purged)).toContainEqual(
      expect.stringMatching(`Task ${second} remains: .*EBUSY`),
    );
  });
});
