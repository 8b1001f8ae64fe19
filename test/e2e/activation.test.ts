import { mkdtempSync } from 'node:fs';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SystemBus } from '../integration/polkit/system-bus';
import { Caller } from '../integration/polkit/caller';
import { HeldTasks } from './support/held-tasks';
import { hostInstance } from './support/host';
import { execute, Installation, type Ended } from './support/installation';
import { processesNaming } from './support/processes';

jest.setTimeout(120_000);

const ROOT = resolve(__dirname, '../..');
const MANAGER = '/org/rackslab/Fatbuildr';

/** A system bus that starts the daemon by our activation file, and notes what becomes of it. */
describe('a daemon that the system bus starts', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fb-'));
  const bus = new SystemBus(folder);
  const installation = new Installation();
  const tasks = new HeldTasks(installation.home);
  const record = join(folder, 'record');

  const ctl = (...args: string[]): Promise<Ended> =>
    execute([join(ROOT, 'bin/fatbuildrctl'), '--uri', 'dbus://system/default', ...args], {
      env: {
        DBUS_SYSTEM_BUS_ADDRESS: bus.address,
        XDG_CONFIG_HOME: join(folder, 'nobody'),
      },
    });
  /** What the daemons so far have said, with a line for the start and the status of each. */
  const said = async () => (await readFile(record, 'utf8')).split('\n');
  const times = async (what: string) => (await said()).filter((line) => line.includes(what)).length;
  const until = async (what: string, count: number) => {
    while ((await times(what)) < count) await delay(10);
  };

  beforeAll(async () => {
    await installation.configure(
      { default: hostInstance() },
      `[daemon]\nbus = system\nidle_exit = 1s\n[keyring]\ntype = ed25519\n[tasks]\nhook = ${tasks.hook}\n`,
    );
    await tasks.install();
    const program = join(folder, 'fatbuildrd');
    await writeFile(
      program,
      `#!/bin/sh
exec 2>> ${record}
echo start >&2
${join(ROOT, 'bin/fatbuildrd')} --home ${installation.home} >&2
echo "status $?" >&2
`,
    );
    await chmod(program, 0o755);
    await mkdir(bus.services);
    const name = 'org.rackslab.Fatbuildr.service';
    const file = await readFile(join(ROOT, 'packaging/dbus', name), 'utf8');
    const here = file.replace('/usr/bin/fatbuildrd', program);
    expect(here).not.toBe(file);
    await writeFile(join(bus.services, name), here);
    await writeFile(record, '');
    await bus.start();
  });
  afterAll(async () => {
    await tasks.letGo();
    await until('status', await times('start'));
    await bus.stop();
    await installation.remove();
    await rm(folder, { recursive: true });
  });

  it('is started by the first call, leaves when idle, and is started by the next', async () => {
    expect(await times('start')).toBe(0);
    for (const round of [1, 2]) {
      expect(await ctl('list')).toMatchObject({ status: 0, stderr: '' });
      expect(await times('start')).toBe(round);
      await until('status 0', round);
      expect(processesNaming(installation.home)).toEqual([]);
    }
  });

  it('answers a call that comes while it leaves, by a successor that waits for its end', async () => {
    const caller = Caller.start(bus.address, 0, [0]);
    const ask = () => caller.get(MANAGER, 'org.rackslab.Fatbuildr', 'Version');
    const before = await times('start');
    expect(await ask()).toMatchObject({ value: expect.anything() as unknown });
    for (const round of [1, 2, 3]) {
      await until(' leaving', before + round);
      expect(await ask()).toMatchObject({ value: expect.anything() as unknown });
    }
    await caller.stop();
    await until('status', before + 4);
    expect(await times('status 0')).toBe(await times('start'));
  });

  it('loses no call, whenever it comes', async () => {
    // At all times around the second after which it is idle.
    const callers = Array.from({ length: 6 }, () => Caller.start(bus.address, 0, [0]));
    const answers: unknown[] = [];
    for (const round of [0, 1, 2]) {
      const begin = (await times('nobody has anything to do')) + 1;
      await callers[0]!.get(MANAGER, 'org.rackslab.Fatbuildr', 'Version');
      await Promise.race([until('nobody has anything to do', begin), delay(990 + 5 * round)]);
      for (const caller of callers) {
        answers.push(await caller.get(MANAGER, 'org.rackslab.Fatbuildr', 'Version'));
        await delay(3);
      }
    }
    expect(answers.filter((answer) => (answer as { error?: string }).error)).toEqual([]);
    for (const caller of callers) await caller.stop();
    await until('status', await times('start'));
    expect(await times('status 0')).toBe(await times('start'));
  });

  it('runs a task that it was left with when it was killed', async () => {
    await tasks.hold();
    const [first, second] = [await submit('keyring', 'create'), await submit('history', 'purge')];
    await tasks.runs(first);
    const daemon = processesNaming(`bin/fatbuildrd --home ${installation.home}`);
    expect(daemon).toHaveLength(1);
    process.kill(Number.parseInt(daemon[0]!, 10), 'SIGKILL');
    await until('status 137', 1);
    await tasks.letGo();
    expect(await ctl('watch', second)).toMatchObject({ status: 0 });
    expect(await tasks.list()).toEqual([first, second]);
    const ended = await ctl('watch', first);
    expect(ended.status).toBe(1);
    expect(ended.stdout).toMatch(/Task failed: the daemon stopped while the task was running\n$/);
  });

  async function submit(...args: string[]): Promise<string> {
    const { stdout } = await ctl('--output', 'json', ...args, '--batch');
    return (JSON.parse(stdout) as { id: string }).id;
  }
});
