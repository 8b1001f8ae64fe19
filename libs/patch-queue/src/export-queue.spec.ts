import { mkdir, readdir, readlink, rm, symlink } from 'node:fs/promises';
import { exportQueue } from './export-queue';
import { PatchQueue } from './patch-queue';
import { change, HEADER, paths, QueueBench } from './testing/queue-bench';

// Each starts dozens of programs.
jest.setTimeout(60_000);

let bench: QueueBench;
beforeEach(async () => {
  bench = await QueueBench.make();
});
afterEach(() => bench.remove());

describe('leaving a queue', () => {
  it('rewrites nothing when nothing was changed, though patches apply elsewhere or with fuzz', async () => {
    const lines = (more: Readonly<Record<number, string>> = {}) =>
      Array.from({ length: 12 }, (_, index) => `${more[index] ?? index}\n`).join('');
    const hunk = '@@ -4,7 +4,7 @@\n 3\n 4\n 5\n-6\n+six\n 7\n 8\n 9\n';
    const fuzzy = `Index: text\n--- o/text\t2001-01-01\n+++ n/text\t2001-01-01\n${hunk}`;
    await bench.put({ 'def/patches/other/linked': `From: x\n\n${change('a', 'b', 'g')}` });
    await mkdir(bench.at('def/patches/1.0'), { recursive: true });
    await symlink('../other/linked', bench.at('def/patches/1.0/linked'));
    const queue = await bench.open(
      { '1.0/fuzzy': fuzzy },
      { text: lines({ 3: 'three' }), g: 'a\n' },
    );
    expect(bench.told).toEqual([
      'patches/1.0/fuzzy: hunk 1 of text applies only with fuzz, it is rewritten',
    ]);
    expect(queue.conflict).toBeUndefined();
    expect(await exportQueue(queue)).toEqual([]);
    expect(await bench.read('def/patches/1.0/fuzzy')).toBe(fuzzy);
    expect(await readlink(bench.at('def/patches/1.0/linked'))).toBe('../other/linked');
    bench.git('commit', '--quiet', '--amend', '--no-edit', '--date=2020-01-01T00:00:00Z');
    expect(paths(await exportQueue(queue))).toEqual(['written patches/1.0/linked']);
    expect(await bench.read('def/patches/1.0/fuzzy')).toBe(fuzzy);
  });

  it('has nothing to write of an empty queue', async () => {
    expect(await exportQueue(await bench.open({}))).toEqual([]);
    expect(await readdir(bench.at('def'))).toEqual(['artifact.yml']);
  });

  it('writes new, changed and dropped patches, and leaves the others as they are', async () => {
    const kept = `${HEADER}\n${change('a', 'b').replace('a/text', 'old/text')}`;
    const queue = await bench.open(
      {
        '1.0/0001-Say-b.patch': kept,
        '1.0/0002-Drop-it.patch': `Description: Drop it\n\n${change('x', 'y', 'other')}`,
        '1.0/.keep': 'hidden',
      },
      { text: 'a\n', other: 'x\n' },
    );
    bench.git('reset', '--quiet', '--hard', 'HEAD~');
    await bench.put({ 'tree/new/file': 'n\n' });
    bench.commit(
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
    expect(await bench.names()).toEqual([
      '.keep',
      '0001-Say-b.patch',
      '0002-Fuge-es-hinzu-now.patch',
    ]);
    expect(await bench.read('def/patches/1.0/0001-Say-b.patch')).toBe(kept);
    expect(await bench.read('def/patches/1.0/0002-Fuge-es-hinzu-now.patch')).toBe(
      `Description: Füge es hinzu: [now]
 Weil.
 .
 Und weil.
Author: Jané Roe <jane@acme.example>
Forwarded: no
Formats: deb
Last-Update: ${bench.git('log', '-1', '--format=%ad', '--date=short')}

diff --git a/new/file b/new/file
new file mode 100644
--- /dev/null
+++ b/new/file
@@ -0,0 +1 @@
+n
`,
    );
    expect(await readdir(bench.at('def/patches'))).toEqual(['1.0']);
  });

  it('is the same again when it is opened again', async () => {
    const queue = await bench.open({}, { text: 'a\n' });
    await bench.put({ 'tree/text': 'b\n' });
    bench.commit('-m', 'Say b', '-m', 'Text.', '-m', 'Bug: 1');
    await exportQueue(queue);
    const [name = ''] = await bench.names();
    const first = await bench.read(`def/patches/1.0/${name}`);
    await rm(bench.at('tree'), { recursive: true });
    const again = await bench.open({}, { text: 'a\n' });
    bench.git('commit', '--quiet', '--amend', '--no-edit', '--allow-empty');
    expect(await exportQueue(again)).toEqual([]);
    expect(await bench.read(`def/patches/1.0/${name}`)).toBe(first);
  });

  it('sends generic ones to their folder, moved before those of the version', async () => {
    const queue = await bench.open(
      { '1.0/0001-Say-b.patch': `${HEADER}\n${change('a', 'b')}` },
      {
        ...{ text: 'a\n', other: 'x\n' },
      },
    );
    await bench.put({ 'tree/other': 'y\n' });
    bench.commit('-m', 'For all', '-m', 'Generic: yes\nOrigin: vendor');
    expect(paths(await exportQueue(queue))).toEqual(['written patches/generic/0001-For-all.patch']);
    expect(bench.git('log', '--format=%s').split('\n')).toEqual([
      'Say b',
      'For all',
      'Upstream sources',
    ]);
    const written = await bench.read('def/patches/generic/0001-For-all.patch');
    expect(written).toContain('\nOrigin: vendor\n');
    expect(written).not.toContain('Generic');
  });

  it('says which generic one needs one of the version', async () => {
    const queue = await bench.open({ '1.0/1.patch': change('a', 'b') });
    await bench.put({ 'tree/text': 'c\n' });
    bench.commit('-m', 'For all', '-m', 'Generic: yes');
    const head = bench.git('rev-parse', 'HEAD');
    await expect(exportQueue(queue)).rejects.toThrow(
      'commit "For all" is generic, so it is applied',
    );
    expect(bench.git('rev-parse', 'HEAD', 'patches')).toBe(`${head}\n${head}`);
    expect(bench.git('status', '--porcelain')).toBe('');
  });

  it('numbers all anew where their order needs it', async () => {
    const queue = await bench.open(
      { '1.0/first.patch': change('a', 'b'), '1.0/second.patch': change('x', 'y', 'other') },
      { text: 'a\n', other: 'x\n' },
    );
    const [second, first] = bench.git('log', '--format=%H', 'upstream..').split('\n') as [
      string,
      string,
    ];
    bench.git('reset', '--quiet', '--hard', 'upstream');
    bench.git('cherry-pick', second, first);
    await exportQueue(queue);
    expect(await bench.names()).toEqual(['0001-second.patch', '0002-first.patch']);
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
    const queue = await bench.open({ '1.0/t.patch': template }, tree);
    expect(await bench.read('tree/text')).toBe('1.0\nz\nend\n');
    await bench.put({ 'tree/text': '1.0\nz\nthe end\n' });
    bench.commit('--amend', '--no-edit');
    expect(paths(await exportQueue(queue))).toEqual(['written patches/1.0/t.patch']);
    const written = await bench.read('def/patches/1.0/t.patch');
    expect(written).toContain('\n+{{ version.main }}\n z\n+the end\n');
    expect(written).toContain('\nTemplate: yes\n');
  });

  it('keep it when their text is changed, by another title, too', async () => {
    const queue = await bench.open({ '1.0/t.patch': template }, tree);
    bench.commit('--amend', '-m', 'The version', '-m', 'Template: yes\nForwarded: no');
    await exportQueue(queue);
    expect(await bench.read('def/patches/1.0/0001-The-version.patch')).toContain(
      '+{{ version.main }}\n',
    );
  });

  it('are not replaced when what they render is changed', async () => {
    const queue = await bench.open({ '1.0/t.patch': template }, tree);
    await bench.put({ 'tree/text': '1.1\nz\nend\n' });
    bench.commit('--amend', '--no-edit');
    await expect(exportQueue(queue)).rejects.toThrow(
      'patches/1.0/t.patch is a template, and commit',
    );
    expect(await bench.read('def/patches/1.0/t.patch')).toBe(template);
  });

  it('may be new', async () => {
    const queue = await bench.open({}, tree);
    await bench.put({ 'tree/text': '{{ version.main }}\nz\n' });
    bench.commit('-m', 'New', '-m', 'Template: yes');
    await exportQueue(queue);
    expect(await bench.read('def/patches/1.0/0001-New.patch')).toContain('\n+{{ version.main }}\n');
    await rm(bench.at('tree'), { recursive: true });
    await bench.open({}, tree);
    expect(await bench.read('tree/text')).toBe('1.0\nz\n');
  });
});

describe('work that is not finished', () => {
  it.each([
    [
      'a changed file',
      () => bench.put({ 'tree/text': 'c\n' }),
      'text is not committed: commit it, or',
    ],
    [
      'an ignored file',
      () => bench.put({ 'tree/x.o': '', 'tree/y.o': '' }),
      'x.o and 1 more are not',
    ],
    ['no upstream', () => bench.commit('--amend', '-m', 'x'), 'do not follow "Upstream sources"'],
    [
      'a binary file',
      async () => (await bench.put({ 'tree/logo': 'a\0b' }), bench.commit('-m', 'Logo')),
      'commit "Logo" changes logo, which is no text',
    ],
    [
      'an empty commit',
      () => bench.commit('--allow-empty', '-m', 'None'),
      '"None" changes nothing',
    ],
    [
      'a field without meaning',
      async () => (
        await bench.put({ 'tree/n': 'n' }),
        bench.commit('-m', 'x', '-m', 'Template: perhaps')
      ),
      'file "patches/1.0/0001-x.patch": expected "yes" or "no" after "Template:"',
    ],
    [
      'a merge',
      async () => {
        bench.git('checkout', '--quiet', '-b', 'side');
        await bench.put({ 'tree/n': 'n' });
        bench.commit('-m', 'side');
        bench.git('checkout', '--quiet', 'patches');
        bench.git('merge', '--quiet', '--no-ff', 'side');
      },
      'there is a merge among the commits',
    ],
    [
      'a new patch in the definition',
      () => bench.put({ 'def/patches/1.0/new': change('a', 'b') }),
      'patches/1.0/new of the definition was changed by another',
    ],
    ['no repository', () => rm(bench.at('tree/.git'), { recursive: true }), 'no such file'],
  ])('is refused for %s, and nothing is written', async (_what, work, message) => {
    const queue = await bench.open({}, { text: 'a\n', '.gitignore': '*.o\n' });
    await Promise.resolve(work());
    await expect(exportQueue(queue)).rejects.toThrow(message);
  });

  it('can be gone on with', async () => {
    await bench.open({ '1.0/1.patch': change('a', 'b') });
    await bench.put({ 'tree/text': 'c\n' });
    bench.commit('--amend', '--no-edit');
    const changes = await exportQueue(await PatchQueue.open(bench.at('tree')));
    expect(paths(changes)).toEqual(['written patches/1.0/1.patch']);
    await expect(PatchQueue.open(bench.base)).rejects.toMatchObject({ code: 'PATCHES.NO_QUEUE' });
  });
});
