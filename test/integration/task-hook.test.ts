import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { TaskHost, untilAborted } from './support/task-host';

function groupLives(group: number): boolean {
  try {
    return process.kill(-group, 0);
  } catch {
    return false;
  }
}

describe('the hook of tasks', () => {
  const host = new TaskHost();
  const hook = join(host.home, 'site/hook');
  const seen = join(host.home, 'site/seen');

  /** @param script of the hook; its environment is in the file `seen` when it asks for that */
  async function begin(script: string, mode = 0o755): Promise<void> {
    await mkdir(dirname(hook), { recursive: true });
    await writeFile(hook, script);
    await chmod(hook, mode);
    await host.start({ FATBUILDR_TASKS_HOOK: hook });
    await host.startWorkers();
  }

  afterEach(() => host.stop());
  afterAll(() => host.remove());

  it('is run at start and end, and is told of the task and its result', async () => {
    await begin(
      `#!/bin/sh\n(echo "$1"; env) | grep -v ^_= >> ${seen}\necho "hook $1"\necho bad >&2\n`,
    );
    host.work = async () => {
      // The start hook is over when the work begins, and knows no result.
      const before = await readFile(seen, 'utf8');
      expect(before).toMatch(/^start$/m);
      expect(before).not.toContain('FATBUILDR_RESULT');
      throw new Error('no more room');
    };
    const id = await host.submit({ name: 'keyring renewal', duration: '3w' });
    const { reason, place } = await host.ended(id);
    expect(reason).toBe('no more room');
    const [, end = ''] = (await readFile(seen, 'utf8')).split(/^end$/m);
    for (const line of [
      `FATBUILDR_TASK_ID=${id}`,
      'FATBUILDR_TASK_NAME=keyring renewal',
      'FATBUILDR_INSTANCE=default',
      'FATBUILDR_USER=tester',
      `FATBUILDR_WORKSPACE=${place}`,
      'FATBUILDR_DURATION=3w',
      'FATBUILDR_RESULT=failed',
      'FATBUILDR_REASON=no more room',
    ]) {
      expect(end.split('\n')).toContain(line);
    }
    const output = (await host.journal(id)).flatMap((record) =>
      record.command === 'output' ? [record.data.toString()] : [],
    );
    expect(output.join('')).toMatch(/hook start/);
    expect(output.join('')).toMatch(/hook end/);
    expect(output.join('')).toMatch(/bad/);
    expect((await host.messages(id)).at(-1)).toBe('Task failed: no more room');
  });

  it.each([
    ['fails', '#!/bin/sh\necho broken >&2\nexit 3\n', 0o755, /exited with status 3: broken/],
    ['is not executable', '#!/bin/sh\n', 0o644, /it is not executable/],
    ['has no interpreter', '#!/no/such/shell\n', 0o755, /no such program, or not the interpreter/],
  ])(
    'that %s is a warning in the journal and harms nothing',
    async (_what, script, mode, fault) => {
      await begin(script, mode);
      const id = await host.submit();
      expect(await host.ended(id)).toMatchObject({ result: 'success' });
      const warnings = (await host.messages(id)).filter((text) => text.startsWith('The hook '));
      expect(warnings).toHaveLength(2);
      for (const warning of warnings) expect(warning).toMatch(fault);
    },
  );

  it('that is missing is a warning too', async () => {
    await host.start({ FATBUILDR_TASKS_HOOK: join(host.home, 'no-such-hook') });
    await host.startWorkers();
    const id = await host.submit();
    expect(await host.ended(id)).toMatchObject({ result: 'success' });
    expect(await host.messages(id)).toContainEqual(
      expect.stringMatching(/no-such-hook start: there is no such program/),
    );
  });

  it('that hangs is killed with its children, and harms nothing', async () => {
    // A time limit of the task is no help here: the hook does not count.
    await begin(
      `#!/bin/sh\necho $$ > ${seen}\n[ "$1" = end ] || exit 0\nsleep 1000 & sleep 1000\n`,
    );
    const id = await host.submit();
    while ((await host.task(id)).state !== 'finished') await new Promise(setImmediate);
    // The daemon stops: the hook gets little time more.
    await host.stop();
    const pid = Number(await readFile(seen, 'utf8'));
    // Killed, and gone as soon as their new parent has noticed.
    while (groupLives(pid)) await new Promise(setImmediate);
    await host.start();
    expect(await host.task(id)).toMatchObject({ result: 'success' });
    expect(await host.messages(id)).toContainEqual(
      expect.stringMatching(/hook end: it did not end within 5 s and was killed/),
    );
    expect((await host.messages(id)).at(-1)).toBe('Task succeeded');
  }, 30_000);

  it('that hangs at the start does not keep a task from being cancelled', async () => {
    await begin('#!/bin/sh\n[ "$1" = end ] || sleep 1000\n');
    host.work = untilAborted;
    const id = await host.submit();
    while ((await host.task(id)).state !== 'running') await new Promise(setImmediate);
    await host.cancel(id);
    expect(await host.ended(id)).toMatchObject({ reason: 'cancelled by jane' });
    expect(host.ran).toEqual([]);
  }, 30_000);

  it('cannot fill the journal', async () => {
    await begin('#!/bin/sh\n[ "$1" = end ] || head -c 3000000 /dev/zero\n');
    const id = await host.submit();
    await host.ended(id);
    const bytes = (await host.journal(id)).reduce(
      (sum, record) => sum + (record.command === 'output' ? record.data.length : 0),
      0,
    );
    expect(bytes).toBe(1024 * 1024);
    expect(await host.messages(id)).toContainEqual(expect.stringMatching(/the rest is dropped/));
  });
});
