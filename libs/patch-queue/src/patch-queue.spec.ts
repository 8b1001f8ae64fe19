import { access, readdir, rm } from 'node:fs/promises';
import { exportQueue } from './export-queue';
import { change, HEADER, paths, QueueBench } from './testing/queue-bench';

// Each starts dozens of programs.
jest.setTimeout(60_000);

let bench: QueueBench;
beforeEach(async () => {
  bench = await QueueBench.make();
});
afterEach(() => bench.remove());

describe('a queue', () => {
  it('is a commit on upstream for each patch, with its author, date, text and fields', async () => {
    await bench.open(
      {
        '1.0/0001-b.patch': `${HEADER}\n${change('a', 'b')}`,
        'generic/g.diff': change('x', 'y', 'other'),
        '1.0/.hidden': 'x',
        '0.9/old.patch': change('q', 'r'),
      },
      { text: 'a\n', other: 'x\n' },
    );
    expect(bench.git('log', '--reverse', '--format=%an %ae %ad|%B', '--date=short')).toBe(
      `Unknown unknown@localhost 1970-01-01|Upstream sources
Unknown unknown@localhost 1970-01-01|g

Generic: yes

Jörg joerg@acme.example 2024-02-29|Say b

It was a.

Forwarded: no`,
    );
    expect(bench.git('status', '--porcelain')).toBe('');
    expect(bench.git('config', 'user.name')).toBe('Jané Roe');
  });

  it('holds all that upstream has, unchanged, and runs nothing of it', async () => {
    await bench.put({ '.gitconfig': '[core]\n\tautocrlf = true\n[commit]\n\tgpgSign = true\n' });
    const tree = {
      ...{ '.gitignore': '*.o\nsub/\n', 'a.o': 'o', 'sub/x': 'x', text: 'a\r\n' },
      '.gitattributes': '* text=auto eol=crlf\n*.o filter=lfs\n',
      '.git/config': '[core]\n\tfsmonitor = touch ran; false\n',
      'sub/module/.git/HEAD': 'ref: x',
      'sub/module/file': 'm',
    };
    const queue = await bench.open({}, tree);
    const kept = ['.gitattributes', '.gitignore', 'a.o', 'sub/module/file', 'sub/x', 'text'];
    expect(bench.git('ls-files').split('\n')).toEqual(kept);
    expect(bench.git('cat-file', '-s', 'HEAD:text')).toBe('3');
    expect(bench.git('status', '--porcelain', '--ignored')).toBe('');
    expect(await exportQueue(queue)).toEqual([]);
    await expect(access(bench.at('tree/ran'))).rejects.toThrow();
  });

  it('keeps patches from the repository', async () => {
    const evil = '--- /dev/null\n+++ b/.git/hooks/post-commit\n@@ -0,0 +1 @@\n+x\n';
    const settings = '--- a/.git/config\n+++ b/.git/config\n@@ -0,0 +1 @@\n+[core]\n';
    await bench.open({ '1.0/1.patch': evil, '1.0/2.patch': settings });
    expect(await readdir(bench.at('tree/.git'))).not.toContain('hooks');
    expect(bench.git('config', 'core.hooksPath')).toBe('/dev/null');
  });
});

describe('patches that exclude each other', () => {
  it('are left as they are where the first one has applied', async () => {
    const [one, two] = ['el8', 'el9'].map((name) => `Distributions: ${name}\n${change('a', name)}`);
    const queue = await bench.open(
      { '1.0/1': one!, '1.0/2': two!, '1.0/3': change('x', 'y', 'other') },
      { text: 'a\n', other: 'x\n' },
    );
    expect(bench.told).toEqual([expect.stringMatching(/^patches\/1\.0\/2 stays as it is: /)]);
    expect(bench.git('log', '--format=%s').split('\n')).toEqual(['3', '1', 'Upstream sources']);
    await bench.put({ 'tree/other': 'Y\n' });
    bench.commit('--amend', '--no-edit');
    expect(paths(await exportQueue(queue))).toEqual(['written patches/1.0/3']);
    expect(await bench.read('def/patches/1.0/2')).toBe(two);
    expect(await bench.read('def/patches/1.0/1')).toBe(one);
  });
});

describe('a patch that does not apply', () => {
  const patches = {
    '1.0/0001-Fine.patch': `Description: Fine\n\n${change('x', 'y', 'other')}`,
    '1.0/0002-Bad.patch': `${HEADER.replace('Say b', 'Bäd')}\n${change('z', 'b\r')}`,
    '1.0/0003-Last.patch': `Description: Last\nFormats: rpm\n\n${change('y', 'z', 'other')}`,
  };

  it('waits for "git am", and those after it follow when it is continued', async () => {
    const queue = await bench.open(patches, { text: 'a\n', other: 'x\n' });
    expect(queue.conflict).toEqual({
      ...{ path: 'patches/1.0/0002-Bad.patch', rejects: ['text.rej'] },
      reason: 'some of it does not match',
    });
    expect(await bench.read('tree/text.rej')).toContain('\n-z\n+b\r\n');
    await expect(exportQueue(queue)).rejects.toThrow('a rebase or "git am" is not finished');
    await bench.put({ 'tree/text': 'b\r\n' });
    await rm(bench.at('tree/text.rej'));
    bench.git('add', '--all');
    bench.git('am', '--continue');
    expect(paths(await exportQueue(queue))).toEqual([
      'written patches/1.0/0002-Bad.patch',
      'written patches/1.0/0003-Last.patch',
    ]);
    const written = await bench.read('def/patches/1.0/0002-Bad.patch');
    expect(written).toContain(HEADER.replace('Say b', 'Bäd'));
    expect(written).toContain('\n-a\n+b\r\n');
    expect(await bench.read('def/patches/1.0/0003-Last.patch')).toContain('Formats: rpm\n');
  });

  it('is not dropped by giving up', async () => {
    const queue = await bench.open(patches, { text: 'a\n', other: 'x\n' });
    await rm(bench.at('tree/text.rej'));
    bench.git('am', '--abort');
    await expect(exportQueue(queue)).rejects.toThrow(
      '"git am" was aborted before patches/1.0/0002-Bad.patch was applied: begin again by',
    );
    expect(await bench.names()).toHaveLength(3);
  });

  it('may be for a file that is gone, and may be skipped', async () => {
    const queue = await bench.open(
      { ...patches, '1.0/0002-Bad.patch': change('a', 'b', 'gone') },
      {
        ...{ text: 'a\n', other: 'x\n' },
      },
    );
    expect(queue.conflict).toMatchObject({ rejects: [], reason: expect.stringContaining('gone') });
    bench.git('am', '--skip');
    await exportQueue(queue);
    expect(await bench.names()).toEqual(['0001-Fine.patch', '0003-Last.patch']);
  });
});
