import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { hostArchitecture } from '@fatbuildr/config';
import { tellDebStory } from '../e2e/support/deb-story';
import { DebWorkshop } from '../e2e/support/deb-workshop';
import { tellDerivativeStory } from '../e2e/support/derivative-story';
import { debPackaging } from '../e2e/support/definitions';
import { HOST_CODENAME } from '../e2e/support/host';
import type { Installation } from '../e2e/support/installation';
import { giveImage } from '../e2e/support/made-images';
import { tellPrescriptStory } from '../e2e/support/prescript-story';
import { processesNaming } from '../e2e/support/processes';
import { tellEnvironmentShellStory, tellFailedBuildShellStory } from '../e2e/support/shell-story';

jest.setTimeout(300_000);

const SITE = '[sources]\nmax_size = 1MB\n[format:deb]\ntool = cowbuilder\n';

/** A command line that no other process of the host has. */
const ENDLESS = `sleep 87${process.pid}`;

/** Without a helper, so that nothing has to be installed to build it. */
const rules = (build: string) => `#!/usr/bin/make -f
clean build build-arch build-indep binary-arch: ;
binary binary-indep:
	${build}
`;

/** What end to end tests tell of the tool that is ours, told of the classic one. */
describe('deb packages by cowbuilder', () => {
  let workshop: DebWorkshop;
  let installation: Installation;

  beforeAll(async () => {
    workshop = await DebWorkshop.open('[format:deb]\ntool = cowbuilder\n');
    ({ installation } = workshop);
    await workshop.define('greet', '1.0');
    await giveImage(installation);
    for (const args of [
      ['keyring', 'create'],
      ['images', 'env-create', '-d', HOST_CODENAME],
    ]) {
      const ended = await installation.ctl(...args);
      if (ended.status !== 0) throw new Error(ended.stdout + ended.stderr);
    }
  });
  afterAll(() => workshop.close());

  const place = () => join(installation.home, 'images/default/deb/cowbuilder');
  /** What tasks are working on. */
  const copies = () => readdir(join(place(), 'volume/tasks'));
  const until = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
    while (!(await condition())) await delay(20);
  };
  const submitEndless = async (): Promise<string> => {
    await workshop.define('endless', '1', (files) => ({
      ...files,
      ...debPackaging('endless', { buildDepends: 'dpkg-dev' }),
      'deb/rules': rules(ENDLESS),
    }));
    const ended = await workshop.build('endless', '--batch', '--output', 'json');
    await until(() => processesNaming(ENDLESS).length > 0);
    return (JSON.parse(ended.stdout) as { id: string }).id;
  };

  tellDebStory(() => workshop);

  describe('prescripts', () => tellPrescriptStory(() => workshop, false));

  describe('a derivative', () => tellDerivativeStory(() => workshop));

  it('keeps nothing of a failed build, and says why', async () => {
    const ended = await workshop.build('greet', '--keep-failed', '1h');
    expect(ended.status).toBe(1);
    expect(ended.stdout + ended.stderr).toContain(
      '--keep-failed: nothing is kept of failed builds here, because of [format:deb] tool = cowbuilder; leave the option out',
    );
  });

  tellEnvironmentShellStory(() => workshop);
  tellFailedBuildShellStory(() => workshop, /dpkg-buildpackage of stuck: .*status 2/);

  it('brings an environment up to date, and removes what it replaces', async () => {
    expect(await installation.ctl('images', 'env-update', '-d', HOST_CODENAME)).toMatchObject({
      status: 0,
    });
    const kept = await readdir(join(place(), 'volume', `${HOST_CODENAME}-${hostArchitecture()}`));
    expect(kept.filter((name) => name.startsWith('root-'))).toHaveLength(1);
  });

  it('a build that is cancelled ends, and leaves no copy', async () => {
    const id = await submitEndless();
    expect(await copies()).toHaveLength(1);
    expect(await installation.ctl('cancel', id)).toMatchObject({ status: 0 });
    await installation.ctl('watch', id);
    expect(processesNaming(ENDLESS)).toEqual([]);
    expect(await copies()).toEqual([]);
  });

  it('a build that never ends is ended at the time limit', async () => {
    await installation.stop();
    await writeFile(
      join(installation.home, 'etc/fatbuildr.ini'),
      `${SITE}[tasks]\ntime_limit = 40s\n`,
    );
    await installation.start();
    const ended = await installation.ctl('watch', await submitEndless());
    expect(ended.stdout + ended.stderr).toContain('it ran longer than the 40s');
    expect(processesNaming(ENDLESS)).toEqual([]);
    expect(await copies()).toEqual([]);
  });

  it('a killed daemon leaves nothing that the next one does not remove', async () => {
    await submitEndless();
    await installation.stop('SIGKILL');
    expect(await copies()).toHaveLength(1);
    await installation.start();
    await until(async () => (await copies()).length === 0);
    expect(processesNaming(ENDLESS)).toEqual([]);
  });
});
