import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChangelogEntry, TaskDescription } from '@fatbuildr/protocol';
import type { DebWorkshop } from './deb-workshop';
import { debPackaging } from './definitions';
import { HOST_CODENAME, HOST_TAG } from './host';

/** What a build is and gives, whatever tool builds; the workshop has image, environment, keyring and "greet". */
export function tellDebStory(open: () => DebWorkshop): void {
  it('builds, signs and publishes a package', async () => {
    const ended = await open().build('greet');
    expect(ended.stdout + ended.stderr).toContain('Task succeeded');
    expect(ended.status).toBe(0);
    const version = `1.0-1.${HOST_TAG}`;
    expect(await open().listing()).toEqual([
      expect.objectContaining({ name: 'greet', architecture: 'noarch', version }),
      expect.objectContaining({ name: 'greet', architecture: 'src', version }),
    ]);
  });

  it('keeps journal and result files with the task', async () => {
    const [last] = await open().installation.json<{ place: string }[]>('history');
    const results = await readdir(join(last!.place, 'results'));
    expect(results).toContain(`greet_1.0-1.${HOST_TAG}_all.deb`);
    expect(results).toContain(`greet_1.0-1.${HOST_TAG}.dsc`);
    expect(existsSync(join(last!.place, 'task.journal'))).toBe(true);
    expect(existsSync(join(last!.place, 'scratch'))).toBe(false);
  });

  it('gives a rebuild the next build number and a changelog on top of the published one', async () => {
    const message = 'Once more:\n\nfor Göteborg\n- and 50% of the world';
    const maintainer = ['-n', 'Zoë Ångström', '-e', 'zoe@acme.example'];
    expect(await open().build('greet', ...maintainer, '-m', message)).toMatchObject({ status: 0 });
    const versions = (await open().listing()).map(({ version }) => version);
    expect(versions).toContain(`1.0-1.${HOST_TAG}+build1`);
    const changelog = await open().installation.json<ChangelogEntry[]>(
      ...['registry', 'changelog', '-d', HOST_CODENAME, '-a', 'greet'],
    );
    expect(changelog.map(({ version }) => version)).toEqual([
      `1.0-1.${HOST_TAG}+build1`,
      `1.0-1.${HOST_TAG}`,
    ]);
    expect(changelog.map(({ author }) => author)).toEqual([
      'Zoë Ångström <zoe@acme.example>',
      'Tester <tester@acme.example>',
    ]);
    const [last] = await open().installation.json<TaskDescription[]>('history');
    expect(changelog[0]).toMatchObject({
      date: last!.submission,
      changes: [message, `Built by task ${last!.id} of instance Default`],
    });
    expect(changelog[1]!.changes[0]).toBe('Build greet');
  });

  it('publishes a derivative beside main', async () => {
    await open().define('greet', '1.1', (files) => ({
      ...files,
      'artifact.yml': files['artifact.yml']!.replace(
        'version: "1.1"',
        'derivatives: {main: "1.1", extra: "1.1"}',
      ),
    }));
    const ended = await open().build('greet', '--derivative', 'extra');
    expect(ended.stdout + ended.stderr).toContain('Task succeeded');
    const names = (await open().listing('--derivative', 'extra')).map(({ version }) => version);
    expect(names).toContain(`1.1-1.${HOST_TAG}`);
    expect((await open().listing()).map(({ version }) => version)).not.toContain(
      `1.1-1.${HOST_TAG}`,
    );
  });

  it('finds build dependencies in the instance’s own registry', async () => {
    await open().define('uses-greet', '1', (files) => ({
      ...files,
      ...debPackaging('uses-greet', {
        buildDepends: 'debhelper-compat (= 13), greet (>= 1.0)',
        rules: 'override_dh_auto_build:\n\tgreet > built-with\n\tgrep -q greet built-with\n',
      }),
    }));
    const ended = await open().build('uses-greet');
    expect(ended.stdout + ended.stderr).toContain('Task succeeded');
  });

  describe('fails, and says so:', () => {
    it('a build that wants the network', async () => {
      await open().define('online', '1', (files) => ({
        ...files,
        ...debPackaging('online', {
          rules: `override_dh_auto_build:\n\tperl -MIO::Socket::INET -e 'IO::Socket::INET->new("${open().upstream.url.slice(7)}") or die "no network"'\n`,
        }),
      }));
      await open().failing('online', /no network/, 'binaries');
    });

    it('build dependencies that do not exist', async () => {
      await open().define('unmet', '1', (files) => ({
        ...files,
        ...debPackaging('unmet', { buildDepends: 'debhelper-compat (= 13), no-such-package' }),
      }));
      await open().failing('unmet', /no-such-package/, 'binaries');
    });
  });
}
