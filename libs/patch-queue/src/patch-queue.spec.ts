import { execFileSync } from 'node:child_process';
import {
  access,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { exportQueue, type QueueChange } from './export-queue';
import { PatchQueue } from './patch-queue';

const change = (from: string, to: string, file = 'text') =>
  `--- a/${file}\n+++ b/${file}\n@@ -1 +1 @@\n-${from}\n+${to}\n`;

let base: string;
let told: string[];
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'fatbuildr-queue-'));
  told = [];
});
afterEach(() => rm(base, { recursive: true }));

async function put(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(base, path)), { recursive: true });
    await writeFile(join(base, path), content);
  }
}

const read = (path: string) => readFile(join(base, path), 'utf8');
const names = async (place = '1.0') => (await readdir(join(base, 'def/patches', place))).sort();

/** Git as the user has it in the shell, in a hostile mood. */
function git(...args: string[]): string {
  return execFileSync('git', args, {
    cwd: join(base, 'tree'),
    encoding: 'utf8',
    env: { ...process.env, HOME: base, GIT_EDITOR: 'true', XDG_CONFIG_HOME: base },
    stdio: 'pipe',
  }).trim();
}
function commit(...args: string[]): void {
  git('add', '--all');
  git('commit', '--quiet', ...args);
}

async function open(
  patches: Readonly<Record<string, string>>,
  tree: Readonly<Record<string, string>> = { text: 'a\n' },
): Promise<PatchQueue> {
  const under = (folder: string, files: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text]));
  await put({ 'def/artifact.yml': '', ...under('def/patches', patches), ...under('tree', tree) });
  return PatchQueue.create(
    join(base, 'tree'),
    {
      ...{ artifact: 'hello', definition: join(base, 'def'), version: '1.0' },
      variables: { version: { main: '1.0' } },
      person: { name: 'Jané Roe', email: 'jane@acme.example' },
    },
    (line) => told.push(line),
  );
}

const paths = (changes: readonly QueueChange[]) =>
  changes.map(({ path, change }) => `${change} ${path}`);

const HEADER = `Description: Say b
 It was a.
Author: Jörg <joerg@acme.example>
Forwarded: no
Last-Update: 2024-02-29
`;

describe('a queue', () => {
  it('is a commit on upstream for each patch, with its author, date, text and fields', async () => {
    await open(
      {
        '1.0/0001-b.patch': `${HEADER}\n${change('a', 'b')}`,
        'generic/g.diff': change('x', 'y', 'other'),
        '1.0/.hidden': 'x',
        '0.9/old.patch': change('q', 'r'),
      },
      { text: 'a\n', other: 'x\n' },
    );
    expect(git('log', '--reverse', '--format=%an %ae %ad|%B', '--date=short')).toBe(
      `Unknown unknown@localhost 1970-01-01|Upstream sources
Unknown unknown@localhost 1970-01-01|g

Generic: yes

Jörg joerg@acme.example 2024-02-29|Say b

It was a.

Forwarded: no`,
    );
    expect(git('status', '--porcelain')).toBe('');
    expect(git('config', 'user.name')).toBe('Jané Roe');
  });

  it('holds all that upstream has, unchanged, and runs nothing of it', async () => {
    await put({ '.gitconfig': '[core]\n\tautocrlf = true\n[commit]\n\tgpgSign = true\n' });
    const tree = {
      ...{ '.gitignore': '*.o\nsub/\n', 'a.o': 'o', 'sub/x': 'x', text: 'a\r\n' },
      '.gitattributes': '* text=auto eol=crlf\n*.o filter=lfs\n',
      '.git/config': '[core]\n\tfsmonitor = touch ran; false\n',
      'sub/module/.git/HEAD': 'ref: x',
      'sub/module/file': 'm',
    };
    const queue = await open({}, tree);
    const kept = ['.gitattributes', '.gitignore', 'a.o', 'sub/module/file', 'sub/x', 'text'];
    expect(git('ls-files').split('\n')).toEqual(kept);
    expect(git('cat-file', '-s', 'HEAD:text')).toBe('3');
    expect(git('status', '--porcelain', '--ignored')).toBe('');
    expect(await exportQueue(queue)).toEqual([]);
    await expect(access(join(base, 'tree/ran'))).rejects.toThrow();
  });

  it('keeps patches from the repository', async () => {
    const evil = '--- /dev/null\n+++ b/.git/hooks/post-commit\n@@ -0,0 +1 @@\n+x\n';
    const settings = '--- a/.git/config\n+++ b/.git/config\n@@ -0,0 +1 @@\n+[core]\n';
    await open({ '1.0/1.patch': evil, '1.0/2.patch': settings });
    expect(await readdir(join(base, 'tree/.git'))).not.toContain('hooks');
    expect(git('config', 'core.hooksPath')).toBe('/dev/null');
  });
});

describe('leaving a queue', () => {
  it('rewrites nothing when nothing was changed, though patches apply elsewhere or with fuzz', async () => {
    const lines = (more: Readonly<Record<number, string>> = {}) =>
      Array.from({ length: 12 }, (_, index) => `${more[index] ?? index}\n`).join('');
    const hunk = '@@ -4,7 +4,7 @@\n 3\n 4\n 5\n-6\n+six\n 7\n 8\n 9\n';
    const fuzzy = `Index: text\n--- o/text\t2001-01-01\n+++ n/text\t2001-01-01\n${hunk}`;
    await put({ 'def/patches/other/linked': `From: x\n\n${change('a', 'b', 'g')}` });
    await mkdir(join(base, 'def/patches/1.0'), { recursive: true });
    await symlink('../other/linked', join(base, 'def/patches/1.0/linked'));
    const queue = await open({ '1.0/fuzzy': fuzzy }, { text: lines({ 3: 'three' }), g: 'a\n' });
    expect(told).toEqual([
      'patches/1.0/fuzzy: hunk 1 of text applies only with fuzz, it is rewritten',
    ]);
    expect(queue.conflict).toBeUndefined();
    expect(await exportQueue(queue)).toEqual([]);
    expect(await read('def/patches/1.0/fuzzy')).toBe(fuzzy);
    expect(await readlink(join(base, 'def/patches/1.0/linked'))).toBe('../other/linked');
    git('commit', '--quiet', '--amend', '--no-edit', '--date=2020-01-01T00:00:00Z');
    expect(paths(await exportQueue(queue))).toEqual(['written patches/1.0/linked']);
    expect(await read('def/patches/1.0/fuzzy')).toBe(fuzzy);
  });

  it('has nothing to write of an empty queue', async () => {
    expect(await exportQueue(await open({}))).toEqual([]);
    expect(await readdir(join(base, 'def'))).toEqual(['artifact.yml']);
  });

  it('writes new, changed and dropped patches, and leaves the others as they are', async () => {
    const kept = `${HEADER}\n${change('a', 'b').replace('a/text', 'old/text')}`;
    const queue = await open(
      {
        '1.0/0001-Say-b.patch': kept,
        '1.0/0002-Drop-it.patch': `Description: Drop it\n\n${change('x', 'y', 'other')}`,
        '1.0/.keep': 'hidden',
      },
      { text: 'a\n', other: 'x\n' },
    );
    git('reset', '--quiet', '--hard', 'HEAD~');
    await put({ 'tree/new/file': 'n\n' });
    commit(
      '-m',
      'Füge es hinzu: [now]',
      '-m',
      'Weil.\n\nUnd weil.',
      '-m',
      'Forwarded: no\nFormats: deb',
    );
    const changes = paths(await exportQueue(queue));
    expect(changes).toEqual([
      'written patches/1.0/0002-Fuge-es-hinzu-now.patch',
      'removed patches/1.0/0002-Drop-it.patch',
    ]);
    expect(await names()).toEqual(['.keep', '0001-Say-b.patch', '0002-Fuge-es-hinzu-now.patch']);
    expect(await read('def/patches/1.0/0001-Say-b.patch')).toBe(kept);
    expect(await read('def/patches/1.0/0002-Fuge-es-hinzu-now.patch')).toBe(
      `Description: Füge es hinzu: [now]
 Weil.
 .
 Und weil.
Author: Jané Roe <jane@acme.example>
Forwarded: no
Formats: deb
Last-Update: ${git('log', '-1', '--format=%ad', '--date=short')}

diff --git a/new/file b/new/file
new file mode 100644
--- /dev/null
+++ b/new/file
@@ -0,0 +1 @@
+n
`,
    );
    expect(await readdir(join(base, 'def/patches'))).toEqual(['1.0']);
  });

  it('is the same again when it is opened again', async () => {
    const queue = await open({}, { text: 'a\n' });
    await put({ 'tree/text': 'b\n' });
    commit('-m', 'Say b', '-m', 'Text.', '-m', 'Bug: 1');
    await exportQueue(queue);
    const [name = ''] = await names();
    const first = await read(`def/patches/1.0/${name}`);
    await rm(join(base, 'tree'), { recursive: true });
    const again = await open({}, { text: 'a\n' });
    git('commit', '--quiet', '--amend', '--no-edit', '--allow-empty');
    expect(await exportQueue(again)).toEqual([]);
    expect(await read(`def/patches/1.0/${name}`)).toBe(first);
  });

  it('sends generic ones to their folder, moved before those of the version', async () => {
    const queue = await open(
      { '1.0/0001-Say-b.patch': `${HEADER}\n${change('a', 'b')}` },
      {
        ...{ text: 'a\n', other: 'x\n' },
      },
    );
    await put({ 'tree/other': 'y\n' });
    commit('-m', 'For all', '-m', 'Generic: yes\nOrigin: vendor');
    expect(paths(await exportQueue(queue))).toEqual(['written patches/generic/0001-For-all.patch']);
    expect(git('log', '--format=%s').split('\n')).toEqual(['Say b', 'For all', 'Upstream sources']);
    const written = await read('def/patches/generic/0001-For-all.patch');
    expect(written).toContain('\nOrigin: vendor\n');
    expect(written).not.toContain('Generic');
  });

  it('says which generic one needs one of the version', async () => {
    const queue = await open({ '1.0/1.patch': change('a', 'b') });
    await put({ 'tree/text': 'c\n' });
    commit('-m', 'For all', '-m', 'Generic: yes');
    const head = git('rev-parse', 'HEAD');
    await expect(exportQueue(queue)).rejects.toThrow(
      'commit "For all" is generic, so it is applied',
    );
    expect(git('rev-parse', 'HEAD', 'patches')).toBe(`${head}\n${head}`);
    expect(git('status', '--porcelain')).toBe('');
  });

  it('numbers all anew where their order needs it', async () => {
    const queue = await open(
      { '1.0/first.patch': change('a', 'b'), '1.0/second.patch': change('x', 'y', 'other') },
      { text: 'a\n', other: 'x\n' },
    );
    const [second, first] = git('log', '--format=%H', 'upstream..').split('\n') as [string, string];
    git('reset', '--quiet', '--hard', 'upstream');
    git('cherry-pick', second, first);
    await exportQueue(queue);
    expect(await names()).toEqual(['0001-second.patch', '0002-first.patch']);
  });
});

describe('templates', () => {
  const template = `Template: yes
Description: Versions
--- a/text
+++ b/text
@@ -1,2 +1,3 @@
-a
+{{ version.main }}
 z
+end
`;
  const tree = { text: 'a\nz\n' };

  it('are shown rendered, and keep what renders when something else is changed', async () => {
    const queue = await open({ '1.0/t.patch': template }, tree);
    expect(await read('tree/text')).toBe('1.0\nz\nend\n');
    await put({ 'tree/text': '1.0\nz\nthe end\n' });
    commit('--amend', '--no-edit');
    expect(paths(await exportQueue(queue))).toEqual(['written patches/1.0/t.patch']);
    const written = await read('def/patches/1.0/t.patch');
    expect(written).toContain('\n+{{ version.main }}\n z\n+the end\n');
    expect(written).toContain('\nTemplate: yes\n');
  });

  it('keep it when their text is changed, by another title, too', async () => {
    const queue = await open({ '1.0/t.patch': template }, tree);
    commit('--amend', '-m', 'The version', '-m', 'Template: yes\nForwarded: no');
    await exportQueue(queue);
    expect(await read('def/patches/1.0/0001-The-version.patch')).toContain('+{{ version.main }}\n');
  });

  it('are not replaced when what they render is changed', async () => {
    const queue = await open({ '1.0/t.patch': template }, tree);
    await put({ 'tree/text': '1.1\nz\nend\n' });
    commit('--amend', '--no-edit');
    await expect(exportQueue(queue)).rejects.toThrow(
      'patches/1.0/t.patch is a template, and commit',
    );
    expect(await read('def/patches/1.0/t.patch')).toBe(template);
  });

  it('may be new', async () => {
    const queue = await open({}, tree);
    await put({ 'tree/text': '{{ version.main }}\nz\n' });
    commit('-m', 'New', '-m', 'Template: yes');
    await exportQueue(queue);
    expect(await read('def/patches/1.0/0001-New.patch')).toContain('\n+{{ version.main }}\n');
    await rm(join(base, 'tree'), { recursive: true });
    await open({}, tree);
    expect(await read('tree/text')).toBe('1.0\nz\n');
  });
});

describe('patches that exclude each other', () => {
  it('are left as they are where the first one has applied', async () => {
    const [one, two] = ['el8', 'el9'].map((name) => `Distributions: ${name}\n${change('a', name)}`);
    const queue = await open(
      { '1.0/1': one!, '1.0/2': two!, '1.0/3': change('x', 'y', 'other') },
      { text: 'a\n', other: 'x\n' },
    );
    expect(told).toEqual([expect.stringMatching(/^patches\/1\.0\/2 stays as it is: /)]);
    expect(git('log', '--format=%s').split('\n')).toEqual(['3', '1', 'Upstream sources']);
    await put({ 'tree/other': 'Y\n' });
    commit('--amend', '--no-edit');
    expect(paths(await exportQueue(queue))).toEqual(['written patches/1.0/3']);
    expect(await read('def/patches/1.0/2')).toBe(two);
    expect(await read('def/patches/1.0/1')).toBe(one);
  });
});

describe('a patch that does not apply', () => {
  const patches = {
    '1.0/0001-Fine.patch': `Description: Fine\n\n${change('x', 'y', 'other')}`,
    '1.0/0002-Bad.patch': `${HEADER.replace('Say b', 'Bäd')}\n${change('z', 'b\r')}`,
    '1.0/0003-Last.patch': `Description: Last\nFormats: rpm\n\n${change('y', 'z', 'other')}`,
  };

  it('waits for "git am", and those after it follow when it is continued', async () => {
    const queue = await open(patches, { text: 'a\n', other: 'x\n' });
    expect(queue.conflict).toEqual({
      ...{ path: 'patches/1.0/0002-Bad.patch', rejects: ['text.rej'] },
      reason: 'some of it does not match',
    });
    expect(await read('tree/text.rej')).toContain('\n-z\n+b\r\n');
    await expect(exportQueue(queue)).rejects.toThrow('a rebase or "git am" is not finished');
    await put({ 'tree/text': 'b\r\n' });
    await rm(join(base, 'tree/text.rej'));
    git('add', '--all');
    git('am', '--continue');
    expect(paths(await exportQueue(queue))).toEqual([
      'written patches/1.0/0002-Bad.patch',
      'written patches/1.0/0003-Last.patch',
    ]);
    const written = await read('def/patches/1.0/0002-Bad.patch');
    expect(written).toContain(HEADER.replace('Say b', 'Bäd'));
    expect(written).toContain('\n-a\n+b\r\n');
    expect(await read('def/patches/1.0/0003-Last.patch')).toContain('Formats: rpm\n');
  });

  it('may be for a file that is gone, and may be skipped', async () => {
    const queue = await open(
      { ...patches, '1.0/0002-Bad.patch': change('a', 'b', 'gone') },
      {
        ...{ text: 'a\n', other: 'x\n' },
      },
    );
    expect(queue.conflict).toMatchObject({ rejects: [], reason: expect.stringContaining('gone') });
    git('am', '--skip');
    await exportQueue(queue);
    expect(await names()).toEqual(['0001-Fine.patch', '0003-Last.patch']);
  });
});

describe('work that is not finished', () => {
  it.each([
    ['a changed file', () => put({ 'tree/text': 'c\n' }), 'text is not committed: commit it, or'],
    ['an ignored file', () => put({ 'tree/x.o': '', 'tree/y.o': '' }), 'x.o and 1 more are not'],
    ['no upstream', () => commit('--amend', '-m', 'x'), 'do not follow "Upstream sources"'],
    [
      'a binary file',
      async () => (await put({ 'tree/logo': 'a\0b' }), commit('-m', 'Logo')),
      'commit "Logo" changes logo, which is no text',
    ],
    ['an empty commit', () => commit('--allow-empty', '-m', 'None'), '"None" changes nothing'],
    [
      'a field without meaning',
      async () => (await put({ 'tree/n': 'n' }), commit('-m', 'x', '-m', 'Template: perhaps')),
      'file "patches/1.0/0001-x.patch": expected "yes" or "no" after "Template:"',
    ],
    [
      'a merge',
      async () => {
        git('checkout', '--quiet', '-b', 'side');
        await put({ 'tree/n': 'n' });
        commit('-m', 'side');
        git('checkout', '--quiet', 'patches');
        git('merge', '--quiet', '--no-ff', 'side');
      },
      'there is a merge among the commits',
    ],
    [
      'a new patch in the definition',
      () => put({ 'def/patches/1.0/new': change('a', 'b') }),
      'patches/1.0/new of the definition was changed by another',
    ],
    ['no repository', () => rm(join(base, 'tree/.git'), { recursive: true }), 'no such file'],
  ])('is refused for %s, and nothing is written', async (_what, work, message) => {
    const queue = await open({}, { text: 'a\n', '.gitignore': '*.o\n' });
    await work();
    await expect(exportQueue(queue)).rejects.toThrow(message);
  });

  it('can be gone on with', async () => {
    await open({ '1.0/1.patch': change('a', 'b') });
    await put({ 'tree/text': 'c\n' });
    commit('--amend', '--no-edit');
    const changes = await exportQueue(await PatchQueue.open(join(base, 'tree')));
    expect(paths(changes)).toEqual(['written patches/1.0/1.patch']);
    await expect(PatchQueue.open(base)).rejects.toMatchObject({ code: 'PATCHES.NO_QUEUE' });
  });
});
