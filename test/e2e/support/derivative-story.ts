import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AptClient } from '../../integration/apt-registry/apt-client';
import type { DebWorkshop } from './deb-workshop';
import { debPackaging } from './definitions';
import { HOST_CODENAME, HOST_TAG } from './host';

/**
 * What derivatives are good for: the workshop has "greet" 1.1 in "extra", which "top" extends, older ones in
 * "main", and "other", which is not for deb.
 */
export function tellDerivativeStory(open: () => DebWorkshop): void {
  const versions = async (derivative: string) =>
    (await open().listing('--derivative', derivative)).map(({ version }) => version);

  it('has a version for each, in a component of its own', async () => {
    const registry = join(open().installation.home, 'registry/default/deb');
    expect(await versions('main')).toContain(`1.0-1.${HOST_TAG}`);
    expect(await versions('extra')).toEqual([`1.1-1.${HOST_TAG}`, `1.1-1.${HOST_TAG}`]);
    expect(await versions('top')).toEqual([]);
    const file = `greet_1.1-1.${HOST_TAG}_all.deb`;
    expect(existsSync(join(registry, 'pool/extra/g/greet', file))).toBe(true);
    expect(existsSync(join(registry, 'pool/main/g/greet', file))).toBe(false);
  });

  it('gives apt its packages only where it is enabled', async () => {
    const { home } = open().installation;
    const file = join(home, 'registry/default/deb/dists', HOST_CODENAME, 'deb.sources');
    const sources = await readFile(file, 'utf8');
    expect(sources).toContain('# Further components: extra top\n');
    for (const [components, candidate] of [
      ['main', `1.0-1.${HOST_TAG}+build1`],
      ['main extra', `1.1-1.${HOST_TAG}`],
    ] as const) {
      const enabled = sources.replace(/^Components: .*$/m, `Components: ${components}`);
      const apt = await AptClient.create(join(home, `apt of ${components}`), enabled);
      await apt.update();
      expect(await apt.cache('policy', 'greet')).toContain(`Candidate: ${candidate}\n`);
    }
  });

  it('takes build dependencies of what it extends before newer ones of what that extends', async () => {
    await open().define('greet', '1.2');
    expect(await open().build('greet')).toMatchObject({ status: 0 });
    await open().define('uses-extra', '1', (files) => ({
      ...files,
      'artifact.yml': files['artifact.yml']!.replace('version: "1"', 'derivatives: {top: "1"}'),
      ...debPackaging('uses-extra', {
        buildDepends: 'debhelper-compat (= 13), greet',
        rules: `override_dh_auto_build:\n\tdpkg --status greet | grep -x "Version: 1.1-1.${HOST_TAG}"\n`,
      }),
    }));
    const ended = await open().build('uses-extra', '--derivative', 'top');
    expect(ended.stdout + ended.stderr).toContain('Task succeeded');
    expect(await versions('top')).toContain(`1-1.${HOST_TAG}`);
  });

  it.each(['other', 'above-other'])(
    'refuses %s, which is not for the format',
    async (derivative) => {
      await open().define('misplaced', '1', (files) => ({
        ...files,
        'artifact.yml': files['artifact.yml']!.replace(
          'version: "1"',
          'derivatives: {other: "1", above-other: "1"}',
        ),
      }));
      const ended = await open().build('misplaced', '--derivative', derivative);
      expect(ended).toMatchObject({ status: 1, stdout: '' });
      expect(ended.stderr).toContain(`derivative ${derivative} has no format deb; it has: `);
    },
  );
}
