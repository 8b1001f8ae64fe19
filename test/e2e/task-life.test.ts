import { readdirSync, readFileSync } from 'node:fs';
import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { hostInstance } from './support/host';
import { Installation } from './support/installation';

jest.setTimeout(120_000);

interface Task {
  id: string;
  name: string;
  state: string;
  result: string;
  place: string;
  reason?: string;
  retries?: string;
}

/** Command lines of live processes that name the folder, but for the daemon's own servers. */
function commandsIn(folder: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      } catch {
        return '';
      }
    })
    .filter((line) => line.includes(folder));
}

describe('the life of tasks', () => {
  const installation = new Installation();
  const hooked = join(installation.home, 'hooked');

  const history = () => installation.json<Task[]>('history', '--limit', '100');
  const task = async (id: string): Promise<Task> => {
    const all = [...(await installation.json<Task[]>('list')), ...(await history())];
    return all.find((one) => one.id === id)!;
  };
  const submit = async (...args: string[]): Promise<string> => {
    const answer = await installation.json<Task | Task[]>(...args, '--batch');
    return (Array.isArray(answer) ? answer[0]! : answer).id;
  };
  const until = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
    while (!(await condition())) await delay(50);
  };

  beforeAll(async () => {
    const hook = join(installation.home, 'hook');
    await installation.configure(
      { default: hostInstance('Default') },
      `[daemon]\nconcurrency = 1\n[tasks]\npurge = last:1\nhook = ${hook}\n`,
    );
    await writeFile(
      hook,
      `#!/bin/sh\necho "$1 $FATBUILDR_TASK_ID $FATBUILDR_RESULT" >> ${hooked}\n`,
    );
    await chmod(hook, 0o755);
    await installation.start();
  });
  afterAll(() => installation.remove());

  it('can be cut short: a waiting task never runs, a running one stops and leaves no process', async () => {
    const running = await submit('images', 'create');
    const waiting = await submit('keyring', 'create');
    const { place } = await task(running);
    // It bootstraps its image below its workspace by now.
    await until(() => commandsIn(place).length > 0);
    const reason = 'waits for a free place: 1 task runs';
    const listed = await installation.json<Task[]>('list');
    expect(listed).toMatchObject([{ id: running }, { id: waiting, position: 1, waiting: reason }]);
    expect(listed[0]).not.toHaveProperty('position');
    expect((await installation.ctl('list')).stdout).toMatch(new RegExp(`pending +1 +${reason}\\n`));
    expect(await installation.ctl('cancel', waiting)).toMatchObject({
      status: 0,
      stdout: `Task ${waiting} is cancelled, it will not run.\n`,
    });
    expect(await installation.ctl('cancel', running)).toMatchObject({
      status: 0,
      stdout: `Task ${running} was told to stop.\n`,
    });
    const watched = await installation.ctl('watch', running);
    expect(watched.status).toBe(1);
    expect(watched.stdout).toMatch(/Task failed: cancelled by \S+\n$/);
    for (const id of [running, waiting]) {
      expect(await task(id)).toMatchObject({
        result: 'failed',
        reason: expect.stringMatching(/^cancelled by /) as string,
      });
    }
    await until(() => commandsIn(place).length === 0);
    expect((await installation.ctl('watch', waiting)).stdout).toMatch(/cancelled by/);
  });

  it('has one end: a finished task cannot be cancelled', async () => {
    const [newest] = await history();
    const ended = await installation.ctl('cancel', newest!.id);
    expect(ended).toMatchObject({ status: 1, stdout: '' });
    expect(ended.stderr).toMatch(/^fatbuildrctl: task .* has ended already \(failed\)[^\n]+\n$/);
  });

  it('can begin again: a retry is a new task that names the old one', async () => {
    const old = (await history()).find(({ name }) => name === 'keyring creation')!;
    expect(await installation.ctl('retry', old.id)).toMatchObject({ status: 0, stderr: '' });
    const [again] = await history();
    expect(again).toMatchObject({ name: 'keyring creation', result: 'success', retries: old.id });
    expect((await installation.ctl('history')).stdout).toContain(`retry of ${old.id.slice(0, 8)}`);
    const unknown = await installation.ctl('retry', '00000000-0000-4000-8000-000000000000');
    expect(unknown).toMatchObject({ status: 1, stdout: '' });
  });

  it('is told to the hook of the site', async () => {
    const [{ id } = { id: '' }] = await history();
    const lines = (await readFile(hooked, 'utf8')).split('\n');
    expect(lines).toContain(`start ${id} `);
    expect(lines).toContain(`end ${id} success`);
  });

  it('is forgotten by the policy of the site, and its workspace removed', async () => {
    const before = await history();
    const purged = await installation.ctl('history', 'purge');
    expect(purged).toMatchObject({ status: 0, stderr: '' });
    const after = await history();
    expect(after.map(({ name }) => name)).toEqual(['history purge', 'keyring creation']);
    for (const { id, place } of before.slice(1)) {
      expect(purged.stdout).toContain(`Removed task ${id}`);
      await expect(stat(place)).rejects.toThrow(/ENOENT/);
    }
    await stat(after[1]!.place);
  });
});
