import { createHash } from 'node:crypto';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { tellDebStory } from './support/deb-story';
import { DebWorkshop } from './support/deb-workshop';
import { tellDerivativeStory } from './support/derivative-story';
import { debPackaging, writeTree, type Upstream } from './support/definitions';
import { tellDefinitionStory } from './support/definition-story';
import { tellExampleStory } from './support/example-story';
import { HOST_CODENAME, HOST_TAG } from './support/host';
import { execute, type Installation } from './support/installation';
import { tellKeptBuildStory } from './support/kept-build-story';
import { giveEnvironment, giveImage, podman } from './support/made-images';
import { tellOtherLanguageStory } from './support/other-language-story';
import { tellPrescriptStory } from './support/prescript-story';
import { tellRemoteStory } from './support/remote-story';
import { tellShellStory } from './support/shell-story';

jest.setTimeout(600_000);

/** The one story everything else rests on: definition → package → registry → apt. */
describe('the deb path', () => {
  let workshop: DebWorkshop;
  let installation: Installation;
  let upstream: Upstream;
  const define: DebWorkshop['define'] = (...args) => workshop.define(...args);
  const build: DebWorkshop['build'] = (...args) => workshop.build(...args);
  const listing: DebWorkshop['listing'] = (...args) => workshop.listing(...args);

  beforeAll(async () => {
    workshop = await DebWorkshop.open();
    ({ installation, upstream } = workshop);
    await define('greet', '1.0');
  });
  afterAll(() => workshop.close());

  describe('before anything is prepared', () => {
    it('names the missing image and how to make it', async () => {
      const ended = await build('greet');
      expect(ended.status).toBe(1);
      expect(ended.stdout + ended.stderr).toMatch(/Task failed: .*images create/);
    });
  });

  describe('with image, environment and keyring', () => {
    beforeAll(async () => {
      await giveImage(installation);
      await giveEnvironment(installation);
    });

    it('names the missing keyring before it builds', async () => {
      const ended = await build('greet');
      expect(ended.status).toBe(1);
      expect(ended.stdout + ended.stderr).toMatch(/Task failed: .*keyring create/);
      expect(await installation.ctl('keyring', 'create')).toMatchObject({ status: 0 });
    });

    it('refuses an image that exists already', async () => {
      const ended = await installation.ctl('images', 'create', '-f', 'deb');
      expect(ended.status).toBe(1);
      expect(ended.stdout + ended.stderr).toMatch(/exists/);
    });

    tellDebStory(() => workshop);

    it('lets apt install it, trusting only the exported key', async () => {
      const { stdout: key } = await installation.ctl('keyring', 'export');
      const root = join(installation.home, 'apt');
      const registry = join(installation.home, 'registry/default/deb');
      await writeTree(root, {
        'key.asc': key,
        'sources.list': `deb [signed-by=${root}/key.asc] file:${registry} ${HOST_CODENAME} main\ndeb-src [signed-by=${root}/key.asc] file:${registry} ${HOST_CODENAME} main\n`,
        'state/status': '',
      });
      await mkdir(join(root, 'cache/archives/partial'), { recursive: true });
      await mkdir(join(root, 'state/lists/partial'), { recursive: true });
      const apt = (...args: string[]) =>
        execute(
          [
            'apt-get',
            ...['-o', `Dir::Etc::sourcelist=${root}/sources.list`, '-o', 'Dir::Etc::sourceparts=-'],
            ...['-o', `Dir::State=${root}/state`, '-o', `Dir::State::status=${root}/state/status`],
            ...['-o', `Dir::Cache=${root}/cache`, '-o', 'APT::Sandbox::User=root'],
            ...['-o', 'Dir::Etc::trusted=/dev/null', '-o', 'Dir::Etc::trustedparts=/dev/null'],
            ...args,
          ],
          { cwd: root },
        );
      expect(await apt('update')).toMatchObject({ status: 0 });
      expect(await apt('download', 'greet')).toMatchObject({ status: 0 });
      expect(await apt('source', '--download-only', 'greet')).toMatchObject({ status: 0 });
      const deb = (await readdir(root)).find((name) => name.endsWith('_all.deb'));
      await execute(['dpkg-deb', '-x', join(root, deb!), join(root, 'installed')]);
      const greeted = await execute([join(root, 'installed/usr/bin/greet')]);
      expect(greeted.stdout).toBe('greet 1.0\n');
    });

    describe('a derivative', () => tellDerivativeStory(() => workshop));

    it.each([['1.0~rc1'], ['1.0+dfsg'], ['2:1.0']])('builds version %s', async (version) => {
      const name = `odd${createHash('md5').update(version).digest('hex').slice(0, 4)}`;
      const upstreamVersion = version.replace(/^\d+:/, '');
      await define(name, upstreamVersion, (files) => ({
        ...files,
        'artifact.yml': files['artifact.yml']!.replace('{{ version }}', upstreamVersion)
          .replaceAll(`"${upstreamVersion}"`, `"${version}"`)
          .replace('release: 1', 'release: 10'),
      }));
      const ended = await build(name);
      expect(ended.stdout + ended.stderr).toContain('Task succeeded');
      const versions = (await listing('-a', name)).map(({ version: listed }) => listed);
      expect(versions).toContain(`${version}-10.${HOST_TAG}`);
    });

    tellDefinitionStory(() => workshop);
    describe('prescripts', () => tellPrescriptStory(() => workshop, true));

    describe('the examples', () => tellExampleStory(() => workshop));

    it('builds a folder of local sources', async () => {
      await define('local', '1');
      const folder = join(installation.home, 'checkout');
      await writeTree(folder, {
        local: '#!/bin/sh\necho local checkout\n',
        Makefile: 'all:\ninstall:\n\tinstall -D local $(DESTDIR)/usr/bin/local\n',
      });
      const ended = await build('local', '--sources', `2@${folder}`);
      expect(ended.stdout + ended.stderr).toContain('Task succeeded');
      const versions = (await listing('-a', 'local')).map(({ version }) => version);
      expect(versions).toContain(`2-1.${HOST_TAG}`);
    });

    it('lists what a package holds', async () => {
      const content = await installation.json<{ path: string; type: string }[]>(
        ...['registry', 'content', '-d', HOST_CODENAME, '-a', 'greet'],
      );
      expect(content).toContainEqual(
        expect.objectContaining({ path: expect.stringContaining('usr/bin/greet'), type: 'f' }),
      );
    });

    describe('of what is wrong', () => {
      const failing: DebWorkshop['failing'] = (...args) => workshop.failing(...args);

      it('a wrong checksum leaves nothing in the cache', async () => {
        await define('wrong', '1', (files) => ({
          ...files,
          'artifact.yml': files['artifact.yml']!.replace(
            /sha256: \w+/,
            `sha256: ${'0'.repeat(64)}`,
          ),
        }));
        await failing('wrong', /sha256/, 'fetch');
        const cached = await execute([
          'find',
          join(installation.home, 'cache'),
          '-name',
          '*wrong*',
          '-type',
          'f',
        ]);
        expect(cached.stdout).toBe('');
      });

      it('a source that is not there is asked for again the next time', async () => {
        await define('gone', '1');
        await define('gone', '1', (files) => ({
          ...files,
          'artifact.yml': files['artifact.yml']!.replace('/gone-', '/lost-'),
        }));
        await failing('gone', /404/, 'fetch');
        const before = upstream.requests.length;
        await failing('gone', /404/, 'fetch');
        expect(upstream.requests.slice(before)).toContain('/lost-1.tar.gz');
      });

      it('a source over the size cap', async () => {
        await define('huge', '1');
        upstream.serve('/huge-1.tar.gz', Buffer.alloc(2_000_000));
        await failing('huge', /1000000|1 ?MB|size/i, 'fetch');
      });

      it('an archive with a member that leaves its folder', async () => {
        await define('climber', '1', undefined, { '../../climbed': 'out\n' });
        await failing('climber', /climber-1\.tar\.gz.*climbed/, 'source');
        const found = await execute(['find', installation.home, '-name', 'climbed']);
        expect(found.stdout).toBe('');
      });

      it('a definition without release', async () => {
        await define('unreleased', '1', (files) => ({
          ...files,
          'artifact.yml': files['artifact.yml']!.replace('deb:\n  release: 1', 'deb: {}'),
        }));
        await failing('unreleased', /artifact\.yml: deb\.release/, 'define');
      });

      it('a version without checksum', async () => {
        await define('unsummed', '1', (files) => ({
          ...files,
          'artifact.yml': files['artifact.yml']!.replace('  "1":\n', '  "2":\n'),
        }));
        await failing('unsummed', /checksum/, 'define');
      });

      it('a template error, with file and line', async () => {
        await define('template', '1', (files) => ({
          ...files,
          'deb/NEWS.j2': 'fine\n{{ version.main | nofilter }}\n',
        }));
        await failing('template', /NEWS\.j2.*(line )?2/, 'render');
      });

      it('a build that fails, by its step, command and exit status', async () => {
        await define('broken', '1', (files) => ({
          ...files,
          ...debPackaging('broken', { rules: 'override_dh_auto_configure:\n\tfalse\n' }),
        }));
        await failing('broken', /dpkg-buildpackage.*status \d/, 'binaries');
      });

      it('a build that fails in its tests', async () => {
        await define('untested', '1', (files) => ({
          ...files,
          ...debPackaging('untested', { rules: 'override_dh_auto_test:\n\texit 3\n' }),
        }));
        await failing('untested', /dpkg-buildpackage.*status \d/, 'binaries');
      });
    });

    describe('shells', () => tellShellStory(() => workshop));

    describe('over HTTP', () => tellRemoteStory(() => workshop));

    describe('a client in another language', () => tellOtherLanguageStory(() => workshop));

    describe('what is kept of failed builds', () => tellKeptBuildStory(() => workshop));

    it('deletes a source with its binaries, and says what it removed', async () => {
      const ended = await installation.ctl(
        ...['registry', 'delete', '-d', HOST_CODENAME, '-a', 'uses-greet'],
      );
      expect(ended.status).toBe(0);
      expect(ended.stdout + ended.stderr).toContain('Deleted uses-greet 1-1');
      expect(await listing('-a', 'uses-greet')).toEqual([]);
    });

    it('rebuilds its index from the files', async () => {
      const before = await listing();
      expect(await installation.ctl('registry', 'reindex', '-f', 'deb')).toMatchObject({
        status: 0,
      });
      expect(await listing()).toEqual(before);
    });

    it('leaves no container behind', async () => {
      expect(await podman(installation, ['ps', '--all', '--quiet'])).toBe('');
      const storage = await podman(installation, ['info', '--format', '{{.Store.GraphRoot}}']);
      expect(storage).toContain(installation.home);
    });
  });
});
