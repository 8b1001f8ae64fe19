import { mkdtempSync } from 'node:fs';
import { access, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { sha256, Upstream, upstreamArchive, writeTree } from './support/definitions';
import { execute, type Ended } from './support/installation';
import { Sitting } from './support/sitting';

jest.setTimeout(120_000);

const CTL = resolve(__dirname, '../../bin/fatbuildrctl');
const change = (from: string, to: string) =>
  `--- a/text\n+++ b/text\n@@ -1 +1 @@\n-${from}\n+${to}\n`;

/** fatbuildrctl patches as users call it, where no daemon can be reached. */
describe('fatbuildrctl patches', () => {
  const base = mkdtempSync(join(tmpdir(), 'fb-patches-'));
  const patches = join(base, 'definitions/demo/patches');
  const env = {
    ...{ HOME: base, TMPDIR: join(base, 'tmp'), XDG_CACHE_HOME: join(base, 'cache') },
    ...{ XDG_CONFIG_HOME: base, SHELL: '/bin/sh', FATBUILDR_URI: 'http://127.0.0.1:9/none' },
    // Of somebody who calls it from a hook of another repository.
    ...{ GIT_DIR: join(base, 'nowhere'), GIT_AUTHOR_NAME: 'Other', GIT_EDITOR: 'cat' },
  };
  let upstream: Upstream;

  beforeAll(async () => {
    upstream = await Upstream.start();
    const archive = await upstreamArchive('Demo', { text: 'a\n', '.gitignore': '*.log\n' });
    const bar = await upstreamArchive('x', { word: 'bar\n' });
    upstream.serve('/demo-1.tar.gz', archive);
    upstream.serve('/bar_2.tar.gz', bar);
    await mkdir(env.TMPDIR);
    await writeTree(base, {
      'definitions/demo/artifact.yml': `sources:
  demo: ${upstream.url}/demo-{{ version }}.tar.gz
  bar: ${upstream.url}/bar_{{ version }}.tar.gz
versions: { demo: "1", bar: "2" }
checksums:
  demo: { "1": { sha256: ${sha256(archive)} } }
  bar: { "2": { sha256: ${sha256(bar)} } }
deb: { release: 1 }
`,
      'fatbuildr.ini': `[user]
name = Jane Roe
email = jane@acme.example
[prefs]
basedir = ${base}/definitions
commit_template = ~/message
`,
      message: '\n# Write well.\n',
      'local/word': 'local\n',
      // What is told nowhere else must not reach the repository.
      '.gitconfig': `[core]\n\thooksPath = ${base}/hooks\n\tautocrlf = true\n`,
      'hooks/post-commit': `#!/bin/sh\ntouch ${base}/hooked\n`,
    });
  });
  beforeEach(async () => {
    await rm(patches, { recursive: true, force: true });
    await writeTree(patches, {
      'generic/all.patch': 'Description: All\n\n--- /dev/null\n+++ b/new\n@@ -0,0 +1 @@\n+n\n',
      '1/0001-b.patch': `From: Ada <ada@acme.example>\nSubject: b\nForwarded: no\n\n${change('a', 'b')}`,
    });
  });
  afterAll(async () => {
    await upstream.stop();
    await rm(base, { recursive: true });
  });

  const run = (script: string, ...args: string[]): Promise<Ended> =>
    execute([CTL, 'patches', '-a', 'demo', ...args], { env, cwd: base, input: script });

  it('shows the tree that is built as a commit for each patch, and leaves what is not changed', async () => {
    const before = await readFile(join(patches, '1/0001-b.patch'));
    const ended = await run(
      'git log --format="%an: %s"; cat text new bar/word bar2/word; git status -s',
    );
    expect(ended).toMatchObject({ status: 0 });
    expect(ended.stdout).toBe(`Ada: b
Unknown: All
Unknown: Upstream sources
b
n
bar
bar
The patches of demo 1 stay as they are.
`);
    expect(ended.stderr).toContain(
      'The patches of demo 1 are the commits on "Upstream sources" in ',
    );
    expect((await readFile(join(patches, '1/0001-b.patch'))).equals(before)).toBe(true);
    expect(await readdir(env.TMPDIR)).toEqual([]);
    await run('exit');
    expect(upstream.requests).toEqual(['/demo-1.tar.gz', '/bar_2.tar.gz']);
  });

  it('makes patches of what is committed, by the person of the preferences or of the options', async () => {
    const script = `set -e
echo c > text; git commit --quiet --all -m C -m 'Bug: 1'
cp text more; git add more; git commit --quiet -m More -m 'Generic: yes'
cat "$(git config commit.template)"; cat bar/word`;
    const ended = await run(
      script,
      ...['-n', 'Joe', '-e', 'joe@acme.example', '--sources', `bar#3@${base}/local`, '-o', 'json'],
    );
    expect(ended).toMatchObject({ status: 0 });
    expect(ended.stderr).toContain('\n# Write well.\nlocal\n');
    expect(JSON.parse(ended.stdout)).toEqual({
      ...{ artifact: 'demo', version: '1' },
      changes: [
        { path: 'patches/generic/0001-All.patch', change: 'written' },
        { path: 'patches/generic/0002-More.patch', change: 'written' },
        { path: 'patches/generic/all.patch', change: 'removed' },
        { path: 'patches/1/0002-C.patch', change: 'written' },
      ],
    });
    expect(await readFile(join(patches, '1/0002-C.patch'), 'utf8')).toMatch(
      /^Description: C\nAuthor: Joe <joe@acme.example>\nBug: 1\nLast-Update: \d{4}-\d\d-\d\d\n\ndiff --git a\/text b\/text\n/,
    );
    await expect(access(join(base, 'hooked'))).rejects.toThrow();
  });

  it('opens a shell whose prompt shows the artifact, whatever the last command in it ended with', async () => {
    await writeFile(join(base, '.bashrc'), 'PS1="mine> "\n');
    for (const [shell, prompt] of [
      ['/bin/bash', '(demo 1 patches) mine> '],
      ['/bin/sh', '(demo 1 patches) $ '],
    ] as const) {
      const sitting = new Sitting([CTL, 'patches', '-a', 'demo'], { ...env, SHELL: shell });
      await sitting.prints(prompt);
      sitting.type('git rebase --quiet upstream; false\r');
      sitting.type('\x04');
      await sitting.prints('The patches of demo 1 stay as they are.');
      expect(await sitting.ended()).toMatchObject({ status: 0 });
    }
  });

  it.each([
    [
      'its shell is killed',
      'git commit --quiet --amend -m B; kill -9 $$',
      'a signal ended the shell',
    ],
    ['its script fails', 'git commit --quiet --amend -m B; exit 3', 'ended with status 3'],
    [
      'work is not committed',
      'git commit --quiet --amend -m B; echo x > x.log',
      'x.log is not committed',
    ],
    [
      'a rebase is not finished',
      'git commit --quiet --amend -m B; echo "exec false" > todo; GIT_SEQUENCE_EDITOR="cp todo" git rebase --quiet -i upstream; rm todo; true',
      'a rebase is not finished',
    ],
  ])('keeps the work when %s, to be gone on with', async (_what, script, message) => {
    const ended = await run(script);
    expect(ended.status).toBe(1);
    expect(ended.stderr).toContain(message);
    const [, folder = ''] = /kept in (\S+), go on with it by: /.exec(ended.stderr) ?? [];
    expect(await readdir(join(patches, '1'))).toEqual(['0001-b.patch']);
    const again = await run('rm -f x.log; git rebase --abort; true', '--resume', folder);
    expect(again.stdout).toContain('patches/1/0001-B.patch is written');
    expect(again.status).toBe(0);
    expect(await readdir(env.TMPDIR)).toEqual([]);
  });

  it('lets a patch be mended that does not apply', async () => {
    await writeTree(patches, { '1/0002-x.patch': `Formats: rpm\n\n${change('z', 'c')}` });
    const ended = await run(
      'cat text.rej; echo c > text; rm text.rej; git add --all; git am --continue --quiet',
    );
    expect(ended).toMatchObject({ status: 0 });
    expect(ended.stdout).toContain('\n-z\n+c\n');
    expect(ended.stderr).toContain(
      '1/0002-x.patch does not apply: some of it does not match. To mend it do by hand what text.rej could not',
    );
    const mended = await readFile(join(patches, '1/0002-x.patch'), 'utf8');
    expect(mended).toMatch(/^Description: x\nFormats: rpm\n[^]*\n-b\n\+c\n$/);
  });

  it.each([
    ['source that is not there', ['--sources', 'bar#none'], /"\S*none": there is no such folder/],
    [
      'unknown source',
      ['--sources', 'qux#local'],
      /declares no source "qux", it declares: demo, bar/,
    ],
    ['source twice', ['--sources', 'local', '--sources', 'local'], /source demo is given twice/],
    ['derivative', ['--derivative', 'extra'], /no derivative "extra"/],
    ['folder to go on with', ['--resume', 'local'], /local holds no repository that/],
  ])('refuses a wrong %s in one line', async (_what, args, message) => {
    const ended = await run('', ...args);
    expect(ended.stderr.trim().split('\n').at(-1)).toMatch(message);
    expect(ended.status).toBe(1);
    expect(await readdir(env.TMPDIR)).toEqual([]);
  });

  it('takes no source of another content', async () => {
    await rm(env.XDG_CACHE_HOME, { recursive: true });
    upstream.serve('/demo-1.tar.gz', Buffer.from('other'));
    expect((await run('')).stderr).toMatch(/sha256/);
  });
});
