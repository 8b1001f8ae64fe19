import { readdirSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tellDebStory } from '../e2e/support/deb-story';
import { DebWorkshop } from '../e2e/support/deb-workshop';
import { HOST_CODENAME } from '../e2e/support/host';
import type { Installation } from '../e2e/support/installation';
import { processesNaming } from '../e2e/support/processes';
import { tellEnvironmentShellStory, tellFailedBuildShellStory } from '../e2e/support/shell-story';

jest.setTimeout(300_000);

const SITE = '[format:deb]\ntool = cowbuilder\n';

/** A command line that no other process of the host has. */
const ENDLESS = `sleep 87${process.pid}`;

/** What end to end tests tell of the tool that is ours, told of the classic one. */
describe('deb packages by cowbuilder', () => {
  let workshop: DebWorkshop;
  let installation: Installation;

  beforeAll(async () => {
    workshop = await DebWorkshop.open(SITE);
    ({ installation } = workshop);
    for (const args of [
      ['keyring', 'create'],
      ['images', 'create', '-f', 'deb'],
      ['images', 'env-create', '-d', HOST_CODENAME],
    ]) {
      const ended = await installation.ctl(...args);
      if (ended.status !== 0) throw new Error(ended.stdout + ended.stderr);
    }
  });
  afterAll(() => workshop.close());

  const volume = () => join(installation.home, 'images/default/deb/cowbuilder/volume');
  const unfinished = () => readdir(join(volume(), 'tasks'));

  tellDebStory(() => workshop);
  tellEnvironmentShellStory(() => workshop);
  tellFailedBuildShellStory(() => workshop, 'dpkg-buildpackage of stuck: .* exit status 2');
});
