import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { TaskDescription } from '@fatbuildr/protocol';
import type { DebWorkshop } from './deb-workshop';
import { debPackaging } from './definitions';

/** What is kept of failed builds; the workshop has image, environment and keyring. Ends with a purged history. */
export function tellKeptBuildStory(open: () => DebWorkshop): void {
  const installation = () => open().installation;
  const newest = async () => (await installation().json<TaskDescription[]>('history'))[0]!;
  const shell = (id: string, ...command: string[]) =>
    installation().ctl('shell', id, '--', ...command);
  const restart = async (site = ''): Promise<void> => {
    await installation().stop();
    await appendFile(join(installation().home, 'etc/fatbuildr.ini'), site);
    await installation().start();
  };
  /** Waits until the daemon has removed what it kept. */
  const removed = async (id: string): Promise<void> => {
    for (;;) {
      const tasks = await installation().json<TaskDescription[]>('history');
      if (tasks.find((task) => task.id === id)?.kept_until === undefined) return;
      await delay(50);
    }
  };
  const freeze = async (time: string): Promise<TaskDescription> => {
    const ended = await open().build('frozen', '--keep-failed', time);
    expect(ended.status).toBe(1);
    const task = await newest();
    expect(ended.stdout + ended.stderr).toMatch(
      new RegExp(`The container is kept until .* UTC: fatbuildrctl shell ${task.id}`),
    );
    return task;
  };
  let kept: TaskDescription;

  beforeAll(() =>
    open().define('frozen', '1', (files) => ({
      ...files,
      ...debPackaging('frozen', {
        rules: 'override_dh_auto_build:\n\techo half > made\n\texit 3\n',
      }),
    })),
  );

  it('a failed build is kept, over a restart of the daemon, for a shell where it failed', async () => {
    kept = await freeze('1h');
    expect(kept).toMatchObject({ result: 'failed', keep_failed: '1h' });
    const hours = (kept.kept_until! - kept.ended!) / 3600;
    expect(Math.round(hours * 100)).toBe(100);
    expect((await installation().ctl('history')).stdout).toMatch(
      new RegExp(`; kept until .*: fatbuildrctl shell ${kept.id}`),
    );
    await restart();
    const looked = await shell(
      kept.id,
      'sh',
      '-c',
      'id -un; pwd; cat made; echo more >> made; exit 4',
    );
    expect(looked).toMatchObject({ status: 4, stdout: 'fatbuildr-build\n/build/source\nhalf\n' });
  });

  it('one at a time is in it, and what is done there stays', async () => {
    const sitting = installation().sit('shell', kept.id);
    await sitting.prints('$ ');
    sitting.type('tail -n 1 made\r');
    await sitting.prints('more\n');
    const other = await shell(kept.id, 'true');
    expect(other).toMatchObject({ status: 1, stdout: '' });
    expect(other.stderr).toMatch(
      /somebody is in the container .* "fatbuildrctl watch [0-9a-f-]{36}"/,
    );
    sitting.type('exit\r');
    expect(await sitting.ended()).toEqual({ status: 0, restored: true });
  });

  it('refuses what cannot be kept or entered, and says why', async () => {
    const build = (...more: string[]) => open().build('frozen', ...more);
    const { id: mere } = JSON.parse((await build('-o', 'json')).stdout) as TaskDescription;
    const [fine] = await installation().json<TaskDescription[]>('history', '--result', 'success');
    for (const [ended, status, message] of [
      [
        await build('--keep-failed', 'soon'),
        2,
        /--keep-failed: expected a length of time .*"soon"/,
      ],
      [await build('--keep-failed', '8d'), 1, /keep_failed: at most 1w, .* not 8d/],
      [await shell('none', 'true'), 1, /has no task "none"/],
      [await shell(fine!.id, 'true'), 1, /which task ".*" did not: it/],
      [await shell(mere, 'true'), 1, /submit builds with --keep-failed/],
    ] as const) {
      expect(ended.stderr).toMatch(message);
      expect(ended.status).toBe(status);
    }
  });

  it('goes when its time is over', async () => {
    const { id } = await freeze('1s');
    await restart();
    await removed(id);
    expect((await shell(id, 'true')).stderr).toContain('kept no longer: its time was over');
    expect(await shell(kept.id, 'true')).toMatchObject({ status: 0 });
  });

  it('goes with its task', async () => {
    await restart('[tasks]\npurge = last:1\n');
    expect(await installation().ctl('history', 'purge')).toMatchObject({ status: 0 });
    expect(await installation().ctl('history', 'purge')).toMatchObject({ status: 0 });
    expect((await shell(kept.id, 'true')).stderr).toContain(`has no task "${kept.id}"`);
  });

  it('goes when the disk gets full', async () => {
    const { id } = await freeze('1h');
    await restart('keep_free = 900TB\n');
    await removed(id);
    expect((await shell(id, 'true')).stderr).toContain(
      'kept no longer: the disk had too little room',
    );
  });
}
