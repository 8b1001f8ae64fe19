import { mkdtempSync } from 'node:fs';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { debPackaging, sha256, upstreamArchive, Upstream, writeTree } from './support/definitions';
import { execute, type Ended } from './support/installation';

jest.setTimeout(120_000);

const ROOT = resolve(__dirname, '../..');

/** What needs no daemon, by the bundled program. */
describe('definitions without a daemon', () => {
  let home: string;
  let upstream: Upstream;
  beforeAll(async () => {
    upstream = await Upstream.start();
  });
  afterAll(() => upstream.stop());
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'fb-'));
  });
  afterEach(() => rm(home, { recursive: true }));

  const ctl = (...args: string[]): Promise<Ended> =>
    execute([join(ROOT, 'bin/fatbuildrctl'), ...args], {
      cwd: home,
      env: { XDG_CONFIG_HOME: join(home, 'nobody'), XDG_CACHE_HOME: join(home, 'cache') },
    });
  const author = ['-n', 'Ada Lovelace', '-e', 'ada@acme.example'];

  describe('check', () => {
    it('finds no error in the examples', async () => {
      const ended = await ctl('check', join(ROOT, 'examples'));
      expect(ended.stdout).toMatch(/artifacts checked: 0 errors/);
      expect(ended.status).toBe(0);
    });

    it('tells all faults of all definitions by file and line, and warnings apart', async () => {
      await writeTree(home, {
        'defs/one/artifact.yml':
          'source: https://x.example/a.tar.gz\nversion: 1\ndebb:\n  release: 1\n',
        'defs/group/two/meta.yml': 'version: "1.0"\ndeb:\n  release: 1\n',
        'defs/group/two/deb/control.j2': 'Source: two\n\nPackage: two{{ version.mayor }}\n',
        'defs/group/two/rename': 'deb/nothing deb/something\n',
      });
      const ended = await ctl('check', 'defs');
      expect(ended).toMatchObject({ status: 1, stderr: '' });
      expect(ended.stdout).toContain(
        'defs/group/two/rename:1: error: there is no "deb/nothing" [ARTIFACT.BAD_RENAME]\n',
      );
      expect(ended.stdout).toContain('defs/group/two/meta.yml: warning: meta.yml is deprecated');
      expect(ended.stdout).toMatch(/^defs\/one\/artifact\.yml:3: error: debb: unknown key.*"deb"/m);
      expect(ended.stdout).toMatch(/\n2 artifacts checked: 2 errors, 1 warning\n$/);

      await rm(join(home, 'defs/group/two/rename'));
      const { stdout, status } = await ctl('check', 'defs/group/two', '-o', 'json');
      expect(status).toBe(1);
      const file = 'defs/group/two/deb/control.j2';
      expect(JSON.parse(stdout)).toEqual([
        expect.objectContaining({ severity: 'warning', code: 'ARTIFACT.DEPRECATED' }),
        {
          ...{ artifact: 'two', severity: 'error', code: 'ARTIFACT.TEMPLATE', file, line: 3 },
          message: expect.stringContaining('mayor'),
        },
        expect.objectContaining({
          code: 'DEB.MISSING_PACKAGING',
          file: 'defs/group/two/deb/control',
        }),
        expect.objectContaining({
          code: 'DEB.MISSING_PACKAGING',
          file: 'defs/group/two/deb/rules',
        }),
      ]);
    });

    it('checks instance files, and definitions for their distributions', async () => {
      const instance = `name: One
gpg: { name: One, email: one@acme.example }
formats:
  deb:
    - { name: bookworm, env: bookworm, tag: deb12 }
`;
      await writeTree(home, {
        'instances.d/one.yml': instance,
        'demo/artifact.yml': 'version: "1.0"\ndeb:\n  release: 1\n',
        'demo/rename.j2': 'deb/{{ version.dist }}.docs deb/docs\n',
        'demo/deb/deb12.docs': 'README\n',
        ...Object.fromEntries(
          Object.entries(debPackaging('demo')).map(([name, text]) => [`demo/${name}`, text]),
        ),
      });
      expect(await ctl('check', 'demo')).toMatchObject({ status: 1 });
      const ended = await ctl('check', 'demo', '--instances', 'instances.d');
      expect(ended.stdout).toBe('1 artifact and 1 instance checked: 0 errors, 0 warnings\n');
      await writeFile(join(home, 'instances.d/two.yml'), instance.replace('env: bookworm, ', ''));
      const wrong = await ctl('check', '--instances', 'instances.d/two.yml', '-o', 'json');
      expect(JSON.parse(wrong.stdout)).toContainEqual(
        expect.objectContaining({ file: 'instances.d/two.yml', key: 'formats.deb[0].env' }),
      );
    });

    it.each([
      [['check', 'nowhere'], 2, /nowhere is no folder/],
      [['check', '--instances', 'nowhere'], 2, /neither an instance file/],
      [['check', 'one', 'two'], 2, /unexpected argument "two"/],
      [['check'], 1, /no artifact definition in/],
    ])('%j exits with %d', async (args, status, message) => {
      const ended = await ctl(...args);
      expect(ended).toMatchObject({ status, stdout: '' });
      expect(ended.stderr).toMatch(message);
    });
  });

  describe('new', () => {
    it('makes a definition of each format that has no fault', async () => {
      const ended = await ctl(
        ...['new', 'demo', '-f', 'deb,rpm,osi,tarball', ...author],
        ...['--source', 'https://x.example/v1.2.3/demo-1.2.3.tar.xz'],
      );
      expect(ended).toMatchObject({ status: 0, stderr: '' });
      expect(ended.stdout).toContain('Next: fatbuildrctl checksum demo');
      const text = await readFile(join(home, 'demo/artifact.yml'), 'utf8');
      expect(text).toContain(
        "source: 'https://x.example/v{{ version }}/demo-{{ version }}.tar.xz'",
      );
      expect(text).toContain("version: '1.2.3'");
      expect(await readFile(join(home, 'demo/deb/control'), 'utf8')).toContain(
        'Maintainer: Ada Lovelace <ada@acme.example>\n',
      );
      expect((await stat(join(home, 'demo/tarball/build'))).mode & 0o777).toBe(0o755);
      expect(await ctl('check')).toMatchObject({
        status: 0,
        stdout: expect.stringMatching(/: 0 errors, 1 warning\n$/),
      });
    });

    it.each([
      [['new', 'Demo'], 1, /"Demo" is no artifact name/],
      [['new', '../demo'], 1, /no artifact name/],
      [['new', 'there'], 1, /there is there already/],
      [['new', 'demo', '-f', 'dbe'], 2, /unknown format "dbe".*did you mean deb/],
      [['new', 'demo', '--source', 'https://x.example/latest.tar.gz'], 2, /give --version/],
      [['new', 'demo', '--version', 'one two'], 1, /artifact\.yml: version: expected a version/],
      [['new', 'demo', '--version', 'one'], 1, /"one-1" is not a version of a deb package/],
      [['new'], 2, /artifact/],
    ])('%j is refused, and nothing is made', async (args, status, message) => {
      await writeTree(home, { 'there/': '' }).catch(() => undefined);
      await writeTree(home, { 'there/file': '' });
      const ended = await ctl(...args, ...author);
      expect(ended).toMatchObject({ status, stdout: '' });
      expect(ended.stderr).toMatch(message);
      expect(await readdir(home)).toEqual(['there']);
    });
  });

  describe('checksum', () => {
    const definition = (sum: string) => `# Demo.
source: ${upstream.url}/demo-{{ version }}.tar.gz # here
derivatives: { main: '1.0', next: 2.0 }
checksums:
  # Verified by hand.
  '1.0':
    sha256: ${sum}
deb:
  release: 1
`;

    it('adds what is missing, and leaves all else as it was', async () => {
      const [one, two] = [
        await upstreamArchive('demo-1.0', { a: '1' }),
        await upstreamArchive('demo-2.0', { a: '2' }),
      ];
      upstream.serve('/demo-1.0.tar.gz', one);
      upstream.serve('/demo-2.0.tar.gz', two);
      await writeTree(home, { 'demo/artifact.yml': definition(sha256(one)) });
      const before = upstream.requests.length;
      const ended = await ctl('checksum', 'demo');
      expect(ended).toMatchObject({ status: 0, stdout: `demo 2.0: added sha256 ${sha256(two)}\n` });
      expect(upstream.requests.slice(before)).toEqual(['/demo-2.0.tar.gz']);
      const file = join(home, 'demo/artifact.yml');
      const written = definition(sha256(one)).replace(
        'deb:',
        `  '2.0':\n    sha256: ${sha256(two)}\ndeb:`,
      );
      expect(await readFile(file, 'utf8')).toBe(written);
      expect(await readdir(join(home, 'cache/fatbuildr/sources/demo'))).toHaveLength(1);
      expect(await ctl('checksum')).toMatchObject({ stdout: 'No checksum is missing.\n' });
      expect(await ctl('checksum', '--all')).toMatchObject({
        status: 0,
        stdout: 'demo 1.0: verified\ndemo 2.0: verified\n',
      });
      expect(await readFile(file, 'utf8')).toBe(written);
    });

    it('changes nothing where a checksum is wrong, or a source cannot be had', async () => {
      upstream.serve('/demo-1.0.tar.gz', await upstreamArchive('demo-1.0', { a: 'changed' }));
      upstream.serve('/demo-2.0.tar.gz', await upstreamArchive('demo-2.0', { a: '2' }));
      const text = definition('0'.repeat(64));
      await writeTree(home, {
        'demo/artifact.yml': text,
        'gone/artifact.yml': `source: ${upstream.url}/gone.tar.gz\nversion: 1\n`,
      });
      const ended = await ctl('checksum', '--all');
      expect(ended.status).toBe(1);
      expect(ended.stderr).toMatch(/demo: .*wrong sha256, expected 0{64}, got/);
      expect(ended.stderr).toMatch(/gone: .*404/);
      expect(ended.stderr).toMatch(/2 of 2 definitions were left as they are/);
      expect(await readFile(join(home, 'demo/artifact.yml'), 'utf8')).toBe(text);
    });
  });
});
