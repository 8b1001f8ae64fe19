import { readFileSync, readdirSync } from 'node:fs';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DebWorkshop } from '../e2e/support/deb-workshop';
import { debPackaging } from '../e2e/support/definitions';
import type { Ended } from '../e2e/support/installation';
import { giveEnvironment, giveImage } from '../e2e/support/made-images';
import { definePrescribed, tellBadPrescriptStory } from '../e2e/support/prescript-story';
import { SmallDisk } from '../integration/support/small-disk';

jest.setTimeout(600_000);

/** Processes of the host by a part of their command line. */
function processes(part: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').includes(part);
      } catch {
        return false;
      }
    });
}

/** Builds that want to harm the host fail with a reason, and the next build goes well. */
describe('a hostile build', () => {
  let workshop: DebWorkshop;
  const SITE = `[sources]
max_size = 1MB
[tasks]
max_output = 1MB
[containers]
max_memory = 300MB
max_processes = 200
`;

  beforeAll(async () => {
    workshop = await DebWorkshop.open();
    const { installation } = workshop;
    await giveImage(installation);
    await giveEnvironment(installation);
    expect(await installation.ctl('keyring', 'create')).toMatchObject({ status: 0 });
    await restart(SITE);
    await workshop.define('greet', '1.0');
    expect(await workshop.build('greet')).toMatchObject({ status: 0 });
  });
  afterAll(() => workshop.close());

  async function restart(site: string): Promise<void> {
    const { installation } = workshop;
    await installation.stop();
    await writeFile(join(installation.home, 'etc/fatbuildr.ini'), site);
    await installation.start();
  }

  /** A build whose only act is the script. */
  async function run(name: string, script: string): Promise<Ended> {
    await workshop.define(name, '1', (files) => ({
      ...files,
      ...debPackaging(name, { rules: `override_dh_auto_build:\n\t${script}\n` }),
    }));
    return workshop.build(name);
  }

  const lastLine = ({ stdout, stderr }: Ended) => (stdout + stderr).trim().split('\n').at(-1);

  async function expectFailed(ended: Ended, reason: RegExp): Promise<void> {
    expect(lastLine(ended)).toMatch(reason);
    expect(ended.status).toBe(1);
    expect(await workshop.build('greet')).toMatchObject({ status: 0 });
  }

  it('that leaves daemons behind succeeds, and they do not outlive it', async () => {
    const ended = await run('forker', 'for i in 1 2 3; do setsid sleep 86399 & done; exit 0');
    expect(lastLine(ended)).toContain('Task succeeded');
    expect(processes('sleep 86399')).toEqual([]);
  });

  it('that forks without end is told the limit', async () => {
    const bomb = `perl -e '(fork() // die 1) || sleep 86396 for 1..500'`;
    await expectFailed(
      await run('bomb', bomb),
      /step binaries \w+: "dpkg-buildpackage .* max_processes allows/,
    );
    expect(processes('sleep 86396')).toEqual([]);
  });

  it('that fills the memory is told the limit', async () => {
    const ended = await run('glutton', `perl -e 'push @a, "x" x 1e7 while 1'`);
    await expectFailed(ended, /step binaries \w+: "dpkg-buildpackage .* max_memory allows/);
  });

  it('that prints a gigabyte has its output cut, in journal and memory', async () => {
    const { installation } = workshop;
    const ended = await run('chatter', 'yes chatter | head -c 1000000000');
    expect(lastLine(ended)).toContain('Task succeeded');
    expect(ended.stdout + ended.stderr).toMatch(/prints more than the 1000000 bytes .* max_output/);
    const [last] = await installation.json<{ place: string }[]>('history');
    expect((await stat(join(last!.place, 'task.journal'))).size).toBeLessThan(1_100_000);
    const peak = /^VmHWM:\s+(\d+) kB/m.exec(
      readFileSync(`/proc/${installation.pid}/status`, 'utf8'),
    );
    expect(Number(peak?.[1])).toBeLessThan(500_000);
  });

  it('that wants more room than the disk of its workspace has is told so', async () => {
    const { installation } = workshop;
    await installation.stop();
    const disk = await SmallDisk.mount(join(installation.home, 'workspaces'), 8);
    try {
      await installation.start();
      const ended = await run('hoarder', 'head -c 100000000 /dev/zero > hoard');
      await expectFailed(
        ended,
        /step binaries \w+: "dpkg-buildpackage .*, the disk of \S+\/workspaces\/\S+ is full/,
      );
      await definePrescribed(workshop, 'filler', 'head -c 100000000 /dev/zero > hoard');
      await expectFailed(
        await workshop.build('filler'),
        /step prescript: "bash .*, the disk of \S+\/workspaces\/\S+ is full/,
      );
    } finally {
      await installation.stop();
      await disk.unmount();
      await installation.start();
    }
  });

  describe('of a package', () => tellBadPrescriptStory(() => workshop));

  it('whose engine is killed under it fails at once, and the next one finds it again', async () => {
    const { installation } = workshop;
    const running = run('orphan', 'sleep 86398');
    while (processes('sleep 86398').length === 0) await new Promise(setImmediate);
    const [service] = processes(`system service --time=0 unix://${installation.home}`);
    process.kill(service!, 'SIGKILL');
    await expectFailed(await running, /step binaries \w+: .*the container engine/);
    expect(processes('sleep 86398')).toEqual([]);
  });

  it('that never ends is ended at the time limit', async () => {
    const limits = 'time_limit = 15s\nprescript_time_limit = 2s\n';
    await restart(`${SITE}[tasks]\n${limits}`.replace('[tasks]\nmax_output = 1MB\n', ''));
    const ended = await run('sleeper', 'sleep 86397');
    await expectFailed(ended, /Task failed: it ran longer than the 15s/);
    expect(processes('sleep 86397')).toEqual([]);
    await definePrescribed(workshop, 'waiter', 'sleep 86395 & wait');
    await expectFailed(
      await workshop.build('waiter'),
      /pre\.sh ran longer than the 2s that \[tasks\]/,
    );
    expect(processes('sleep 86395')).toEqual([]);
  });
});
