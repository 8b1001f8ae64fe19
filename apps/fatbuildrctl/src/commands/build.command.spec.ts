import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unpackDefinition } from '@fatbuildr/artifacts';
import { MemoryClient } from '../testing/memory-client';
import { ProgramHarness, type Outcome } from '../testing/program-harness';

const DEFINITION = `
source: https://acme.example/hello-{{ version }}.tar.gz
version: "2.10"
checksums:
  "2.10":
    sha256: 31e066137a962676e89f69d1b65382de95a7ef7d914b8cb956f41ea72e0f516b
deb:
  release: 1
`;
const AUTHOR = ['-n', 'Jane Roe', '-e', 'jane@acme.example'];

describe('fatbuildrctl build', () => {
  let folder: string;
  let client: MemoryClient;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fatbuildrctl-build-'));
    await mkdir(join(folder, 'hello', 'deb'), { recursive: true });
    await writeFile(join(folder, 'hello', 'artifact.yml'), DEFINITION);
    await writeFile(join(folder, 'hello', 'deb', 'control'), 'Source: hello\n');
    await mkdir(join(folder, 'uploads'));
    client = new MemoryClient(join(folder, 'uploads'));
    client.distributions = { deb: ['bookworm'] };
  });
  afterEach(() => rm(folder, { recursive: true }));

  function build(...args: string[]): Promise<Outcome> {
    // Git finds no configuration but that of a test.
    const env = { PATH: process.env.PATH, HOME: folder, GIT_CONFIG_NOSYSTEM: '1' };
    return new ProgramHarness(client, { cwd: folder, env }).run('build', ...args);
  }

  it('submits the packed definition for the deduced target', async () => {
    const { status, stderr } = await build('-a', 'hello', ...AUTHOR, '-m', 'New release');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(client.submissions).toMatchObject([
      {
        format: 'deb',
        distribution: 'bookworm',
        architectures: [],
        derivative: 'main',
        artifact: 'hello',
        author: 'Jane Roe',
        email: 'jane@acme.example',
        message: 'New release',
        sources: [],
        interactive: false,
      },
    ]);
    const tarball = client.submissions[0]?.tarball ?? '';
    expect((await stat(tarball)).mode & 0o777).toBe(0o600);
    await unpackDefinition(tarball, join(folder, 'unpacked'));
    expect((await readdir(join(folder, 'unpacked'))).sort()).toEqual(['artifact.yml', 'deb']);
  });

  it('finds the definition by basedir and subdir, and values in the preferences', async () => {
    const file = join(folder, 'mine.ini');
    const prefs = `[user]\nname=A\nemail=a@acme.example\n[prefs]\nmessage=Again\nbasedir=${folder}\n`;
    await writeFile(file, prefs);
    const harness = new ProgramHarness(client, { cwd: '/' });
    const outcome = await harness.run('--preferences', file, 'build', '-a', 'hello');
    expect(outcome.status).toBe(0);
    expect(client.submissions).toMatchObject([{ author: 'A', message: 'Again' }]);
    const moved = await build('-a', 'hello', '-b', '..', '-s', 'none', ...AUTHOR, '-m', 'x');
    expect(moved.stderr).toContain(`${join(folder, '..', 'none')} holds no artifact definition`);
  });

  it('packs local sources under the name of their id and version', async () => {
    await mkdir(join(folder, 'tree'));
    await writeFile(join(folder, 'tree', 'main.c'), 'int main(void) { return 0; }\n');
    const args = ['-a', 'hello', ...AUTHOR, '-m', 'x', '--sources', '2.11@tree'];
    const { status, stderr } = await build(...args);
    expect(stderr).toBe(`Packing ${folder}/tree as source hello 2.11\n`);
    expect(status).toBe(0);
    const path = join(folder, 'uploads', 'hello_2.11.tar.xz');
    expect(client.submissions[0]?.sources).toEqual([{ id: 'hello', path }]);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('exits 1 with the last record when the build fails', async () => {
    client.result = 'failed';
    const { status, stdout } = await build('-a', 'hello', ...AUTHOR, '-m', 'x');
    expect(status).toBe(1);
    expect(stdout).toContain('[error] Task failed: binaries: exit status 2');
  });

  it.each([
    ['an unknown artifact', ['-a', 'absent', ...AUTHOR, '-m', 'x'], 'holds no artifact definition'],
    [
      'an unknown distribution',
      ['-a', 'hello', '-d', 'sid', ...AUTHOR],
      'unknown distribution sid',
    ],
    ['an undefined format', ['-a', 'hello', '-f', 'rpm', ...AUTHOR], 'does not define format rpm'],
    ['an unknown author', ['-a', 'hello', '-n', 'x', '-m', 'x'], 'your email is not known'],
    ['a missing message', ['-a', 'hello', ...AUTHOR], 'the build needs a message'],
    ['a missing source folder', ['-a', 'hello', ...AUTHOR, '-m', 'x', '--sources', 'none'], 'none'],
  ])('refuses %s and submits nothing', async (_, args, message) => {
    const { status, stderr } = await build(...args);
    expect(stderr).toContain(message);
    expect(status).toBe(1);
    expect(client.submissions).toEqual([]);
    expect(client.tasks).toEqual([]);
  });

  describe('--update-lock', () => {
    const [one, two, three] = ['1', '2', '3'].map((digit) => digit.repeat(64));
    const update = (...more: string[]) =>
      build('-a', 'hello', ...AUTHOR, '-m', 'x', '--update-lock', ...more);
    const put = (name: string, text: string) => writeFile(join(folder, 'hello', name), text);

    it('submits without the lock, and writes what the build has fetched when it has succeeded', async () => {
      await put('pre.sh', '#!/bin/bash\n');
      await put('prescript.lock', `${one}  http://a.example/\n${two}  http://other.example/\n`);
      client.lock = `${three}  http://a.example/\n${one}  http://new.example/\n`;
      const { status, stderr } = await update();
      expect(status).toBe(0);
      expect(stderr).toMatch(/Wrote \S+prescript\.lock: 1 added, 1 changed, of 2 downloads\n/);
      expect((await readFile(join(folder, 'hello/prescript.lock'), 'utf8')).split('\n')).toEqual([
        expect.stringMatching(/^# /),
        `${three}  http://a.example/`,
        `${one}  http://new.example/`,
        `${two}  http://other.example/`,
        '',
      ]);
      await unpackDefinition(client.submissions[0]!.tarball, join(folder, 'unpacked'));
      expect(await readdir(join(folder, 'unpacked'))).not.toContain('prescript.lock');
      expect(await readdir(join(folder, 'hello'))).toHaveLength(4);
    });

    it('leaves the lock as it is when the build fails', async () => {
      await put('pre.sh', '#!/bin/bash\n');
      client.result = 'failed';
      expect(await update()).toMatchObject({ status: 1 });
      expect(await readdir(join(folder, 'hello'))).not.toContain('prescript.lock');
    });

    it('refuses what cannot work before anything is submitted', async () => {
      expect((await update()).stderr).toContain('has no pre.sh');
      await put('pre.sh', '#!/bin/bash\n');
      expect(await update('--batch')).toMatchObject({ status: 2 });
      await put('prescript.lock', 'a word\n');
      expect((await update()).stderr).toContain('prescript.lock: line 1: expected a SHA-256');
      expect(client.submissions).toEqual([]);
    });
  });
});
