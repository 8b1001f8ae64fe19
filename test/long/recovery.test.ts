import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { debPackaging } from '../e2e/support/definitions';
import { DebWorkshop } from '../e2e/support/deb-workshop';
import { HOST_CODENAME, HOST_TAG } from '../e2e/support/host';
import { execute, type Installation } from '../e2e/support/installation';
import { giveEnvironment, giveImage } from '../e2e/support/made-images';
import { processesNaming, processOf } from '../e2e/support/processes';

jest.setTimeout(600_000);

interface Task {
  id: string;
  state: string;
  result: string;
  place: string;
  reason?: string;
}

/** A command line that no other process of the host has. */
const ENDLESS = `sleep 86${process.pid}`;

/** Without a helper, so that nothing has to be installed to build it. */
const rules = (name: string, build = '') => `#!/usr/bin/make -f
clean build build-arch build-indep binary-arch: ;
binary binary-indep:
${build}	install -D --mode=755 ${name} debian/tmp/usr/bin/${name}
	mkdir -p debian/tmp/DEBIAN
	dpkg-gencontrol -p${name} -Pdebian/tmp
	dpkg-deb --root-owner-group --build debian/tmp ..
`;

describe('a real build', () => {
  let workshop: DebWorkshop;
  let installation: Installation;

  const define = (name: string, build?: string) =>
    workshop.define(name, '1.0', (files) => ({
      ...files,
      ...debPackaging(name, { buildDepends: 'dpkg-dev' }),
      'deb/rules': rules(name, build),
    }));
  const start = () => installation.start({ FATBUILDR_DAEMON_CONCURRENCY: '1' });
  const submit = async (artifact: string): Promise<string> => {
    const ended = await workshop.build(artifact, '--batch', '--output', 'json');
    return (JSON.parse(ended.stdout) as Task).id;
  };
  const task = async (id: string): Promise<Task> => {
    const all = [
      ...(await installation.json<Task[]>('list')),
      ...(await installation.json<Task[]>('history', '--limit', '100')),
    ];
    return all.find((one) => one.id === id)!;
  };
  const journal = ({ place }: Task) => readFileSync(join(place, 'task.journal'), 'latin1');
  const until = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
    while (!(await condition())) await delay(20);
  };
  /** Resolves when the journal of a task holds a text. */
  const reaches = async (id: string, text: string): Promise<void> => {
    await until(async () => (await task(id)).state !== 'pending');
    const { place } = await task(id);
    await until(() => {
      try {
        return journal({ place } as Task).includes(text);
      } catch {
        return false;
      }
    });
  };
  const names = async () => (await workshop.listing()).map(({ name }) => name);

  beforeAll(async () => {
    workshop = await DebWorkshop.open();
    ({ installation } = workshop);
    // One after the other: what comes behind a build waits for it.
    await installation.stop();
    await start();
    expect(await installation.ctl('keyring', 'create')).toMatchObject({ status: 0 });
    await giveImage(installation);
    await giveEnvironment(installation);
    await define('endless', `\t${ENDLESS}\n`);
    for (const name of ['one', 'two', 'three', 'four']) await define(name);
  }, 300_000);
  afterAll(() => workshop.close());

  it('whose daemon is killed has failed and leaves no container; the one that waits is published once', async () => {
    const endless = await submit('endless');
    const waiting = await submit('one');
    await until(() => processesNaming(ENDLESS).length > 0);
    await installation.stop('SIGKILL');
    await start();
    expect(await installation.ctl('watch', waiting)).toMatchObject({ status: 0 });
    await until(() => processesNaming(ENDLESS).length === 0);
    const failed = await task(endless);
    expect(failed).toMatchObject({
      result: 'failed',
      reason: 'the daemon stopped while the task was running',
    });
    expect(journal(failed)).toMatch(/Task failed: the daemon stopped while the task was running$/);
    expect(await names()).toEqual(['one', 'one']);
  });

  it('whose engine is killed fails with the reason; the next one starts the engine again', async () => {
    const endless = await submit('endless');
    await until(() => processesNaming(ENDLESS).length > 0);
    process.kill(processOf(installation.home, 'podman system service'), 'SIGKILL');
    const watched = await installation.ctl('watch', endless);
    expect(watched.status).toBe(1);
    expect((await task(endless)).reason).toMatch(/engine/);
    expect(await workshop.build('two')).toMatchObject({ status: 0 });
    expect(await names()).toEqual(['one', 'one', 'two', 'two']);
    await until(() => processesNaming(ENDLESS).length === 0);
  });

  it('that was killed while it was published is published whole or not at all, and once', async () => {
    for (const [name, wait] of [
      ['three', 0],
      ['four', 30],
    ] as const) {
      const id = await submit(name);
      await reaches(id, 'Step publish');
      await delay(wait);
      await installation.stop('SIGKILL');
      await start();
      const whole = (await names()).filter((one) => one === name);
      expect([0, 2]).toContain(whole.length);
      const { state } = await task(id);
      expect(state).toBe('finished');
      // Signed and complete for a stock tool, whatever became of the build.
      const dists = join(installation.home, 'registry/default/deb/dists', HOST_CODENAME);
      const index = readFileSync(join(dists, 'InRelease'), 'utf8');
      expect(index).toContain('BEGIN PGP SIGNATURE');
      expect(await installation.ctl('retry', id)).toMatchObject({ status: 0 });
      const after = (await workshop.listing()).filter((one) => one.name === name);
      const version = `1.0-1.${HOST_TAG}${whole.length > 0 ? '+build1' : ''}`;
      expect(after.map((one) => one.version)).toContain(version);
      const left = await execute(['find', join(installation.home, 'registry'), '-name', '.*']);
      expect(left.stdout).toBe('');
    }
  });

  it('ends with its container when the daemon is stopped', async () => {
    await submit('endless');
    await until(() => processesNaming(ENDLESS).length > 0);
    installation.signal('SIGTERM');
    await installation.says('1 running tasks have');
    installation.signal('SIGTERM');
    expect(await installation.ended()).toBe(0);
    expect(processesNaming(ENDLESS)).toEqual([]);
    expect(processesNaming(installation.home)).toEqual([]);
  });
});
