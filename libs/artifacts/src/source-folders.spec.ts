import { execFileSync } from 'node:child_process';
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { packDefinition, unpackDefinition } from './definition-archive';
import { loadDefinition, type ArtifactDefinition } from './definition';
import { packLocalSource, parseLocalSource, parseLocalSources } from './local-source';
import { packTree } from './pack-tree';
import { makeSourceTree } from './source-tree';
import { unpack } from './unpack';

const limits = { maxEntries: 1000, maxUnpacked: 10 * 1024 * 1024 };
let base: string;
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'sources-'));
});
afterEach(() => rm(base, { recursive: true }));

const at = (...path: string[]) => join(base, ...path);
async function put(files: Record<string, string>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(at(path)), { recursive: true });
    await writeFile(at(path), content);
  }
}
const listing = (archive: string) =>
  execFileSync('tar', ['--force-local', '-tf', archive], { encoding: 'utf8' }).trim().split('\n');

describe('packTree', () => {
  it.each(['a.tar.xz', 'a.tar.gz'])(
    'gives %s the same bytes for the same content',
    async (name) => {
      const names = ['b', 'a/z', 'a/ü', 'B'];
      for (const [folder, order] of [
        ['one', names],
        ['two', [...names].reverse()],
      ] as const) {
        for (const file of order) await put({ [`${folder}/${file}`]: file });
        await symlink('a/z', at(folder, 'link'));
      }
      await utimes(at('one/b'), 1, 1);
      await chmod(at('one/b'), 0o600);
      await chmod(at('one/a/z'), 0o755);
      await chmod(at('two/a/z'), 0o700);
      expect(await packTree(at('one'), at(name), { prefix: 'p' })).toBe(6);
      await packTree(at('two'), at(`2${name}`), { prefix: 'p' });
      expect((await readFile(at(name))).equals(await readFile(at(`2${name}`)))).toBe(true);
      expect(
        execFileSync('tar', ['-tvf', at(name)], {
          encoding: 'utf8',
          env: { ...process.env, TZ: 'UTC' },
        }),
      ).toContain('-rwxr-xr-x 0/0               3 2000-01-01 00:00 p/a/z');
      expect((await readdir(base)).sort()).toEqual([`2${name}`, name, 'one', 'two']);
    },
  );

  it('refuses links that leave, devices, other formats, and goes no further than the limits', async () => {
    await put({ 'f/a': 'x'.repeat(100) });
    await expect(packTree(at('f'), at('a.zip'))).rejects.toThrow('.tar.xz or .tar.gz');
    await expect(packTree(at('f'), at('a.tar.gz'), { maxSize: 99 })).rejects.toThrow('99 bytes');
    await expect(packTree(at('f'), at('a.tar.gz'), { maxEntries: 0 })).rejects.toThrow('0 files');
    execFileSync('mkfifo', [at('f/pipe')]);
    await expect(packTree(at('f'), at('a.tar.gz'))).rejects.toThrow('pipes are refused');
    await rm(at('f/pipe'));
    await symlink('/etc/passwd', at('f/l'));
    await expect(packTree(at('f'), at('a.tar.xz'))).rejects.toThrow(
      '"l": the symlink to "/etc/passwd" leaves',
    );
    await rm(at('f/l'));
    await expect(
      packTree(at('f'), at('a.tar.xz'), { signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ code: 'ARTIFACT.ABORTED' });
    expect(await readdir(base)).toEqual(['f']);
  });
});

describe('makeSourceTree', () => {
  const make = (archive: string) =>
    makeSourceTree({
      archive,
      name: 'hello-1.0',
      parent: at('work'),
      drop: ['debian'],
      limits,
    });

  it('names the tree as it is told to, with or without a top-level folder', async () => {
    await put({ 'up/src/debian/kept': '', 'up/debian/rules': '', 'up/configure': 'c' });
    await chmod(at('up/configure'), 0o755);
    for (const prefix of ['whatever-9', '']) {
      await packTree(at('up'), at('a.tar.gz'), { prefix });
      const tree = await make(at('a.tar.gz'));
      expect(tree).toBe(at('work/hello-1.0'));
      expect((await readdir(tree)).sort()).toEqual(['configure', 'src']);
      expect(await readdir(join(tree, 'src/debian'))).toEqual(['kept']);
      expect((await lstat(join(tree, 'configure'))).mode & 0o777).toBe(0o755);
      expect(await readdir(at('work'))).toEqual(['hello-1.0']);
      await rm(at('work'), { recursive: true });
    }
  });

  it('refuses a symlink that leaves only once the top-level folder is gone', async () => {
    await put({ 'up/a': '' });
    await symlink('../other', at('up/l'));
    execFileSync('tar', ['-czf', at('a.tar.gz'), '-C', base, 'up']);
    await expect(make(at('a.tar.gz'))).rejects.toThrow(
      'member "l": the symlink to "../other" leaves the source tree',
    );
    expect(await readdir(at('work'))).toEqual([]);
  });
});

describe('local sources', () => {
  let definition: ArtifactDefinition;
  beforeEach(async () => {
    await put({
      'def/artifact.yml': 'sources: { hello: a, bar: b }\nversions: { hello: 1.0, bar: 2.0 }',
    });
    definition = await loadDefinition(at('def'), 'hello');
  });

  it.each([
    ['dir', { id: 'hello', version: '1.0', folder: 'dir' }],
    ['bar#dir', { id: 'bar', version: '2.0', folder: 'dir' }],
    ['2.0~rc1@dir', { id: 'hello', version: '2.0~rc1', folder: 'dir' }],
    ['bar#3.0@/a/b', { id: 'bar', version: '3.0', folder: '/a/b' }],
    ['./a@b/c#d', { id: 'hello', version: '1.0', folder: './a@b/c#d' }],
    ['/home/a#b@c', { id: 'hello', version: '1.0', folder: '/home/a#b@c' }],
  ])('reads %s', (option, expected) => {
    expect(parseLocalSource(option, definition, 'main')).toEqual(expected);
  });

  it('refuses what it cannot read, and names what exists', () => {
    const parse = (option: string) => () => parseLocalSource(option, definition, 'main');
    expect(parse('')).toThrow('expected [SOURCE_ID#][VERSION@]DIR');
    expect(parse('1.0@')).toThrow('expected [SOURCE_ID#][VERSION@]DIR');
    expect(parse('x y@dir')).toThrow(/"x y" is no version.*write .\/DIR/);
    expect(parse('baz#dir')).toThrow('declares no source "baz", it declares: hello, bar');
    expect(() => parseLocalSources(['a', 'bar#b', '2@c'], definition, 'main')).toThrow(
      'local source "2@c": source hello is given twice, write SOURCE_ID#DIR for another one',
    );
  });

  const files = {
    'src/debian/rules': '',
    'src/lib/debian/kept': '',
    'src/debian-notes/kept': '',
    'src/debian.txt': '',
    'src/.gitignore': 'ignored\n',
    'src/sub/.gitattributes': '',
    'src/sub/.github/x': '',
    'src/sub/foo.git/kept': '',
    'src/x.gitter': '',
    'src/ignored': '',
  };
  const kept = [
    'hello-1.0/',
    'hello-1.0/debian-notes/',
    'hello-1.0/debian-notes/kept',
    'hello-1.0/debian.txt',
    'hello-1.0/lib/',
    'hello-1.0/lib/debian/',
    'hello-1.0/lib/debian/kept',
    'hello-1.0/sub/',
    'hello-1.0/sub/foo.git/',
    'hello-1.0/sub/foo.git/kept',
    'hello-1.0/x.gitter',
  ];
  const pack = async (includeUntracked = false) => {
    const source = { id: 'hello', version: '1.0', folder: at('src') };
    return await packLocalSource(source, { into: base, exclude: ['debian'], includeUntracked });
  };

  it('leaves out Git and the excluded top-level folder, nothing of a longer name', async () => {
    await put(files);
    const archive = await pack();
    expect(archive).toBe(at('hello_1.0.tar.xz'));
    expect(listing(archive)).toEqual([...kept.slice(0, 4), 'hello-1.0/ignored', ...kept.slice(4)]);
  });

  it('takes only what Git tracks, unless told otherwise', async () => {
    await put(files);
    const git = (...args: string[]) => execFileSync('git', ['-C', at('src'), ...args]);
    git('init', '-q');
    git('add', '.');
    await put({ 'src/untracked': '' });
    await rm(at('src/x.gitter'));
    expect(listing(await pack())).toEqual(kept.filter((path) => path !== 'hello-1.0/x.gitter'));
    expect(listing(await pack(true))).toEqual(
      expect.arrayContaining(['hello-1.0/untracked', 'hello-1.0/ignored']),
    );
  });

  it('runs no program of a hostile Git configuration', async () => {
    await put({ 'src/a': '' });
    execFileSync('git', ['-C', at('src'), 'init', '-q']);
    execFileSync('git', ['-C', at('src'), 'add', 'a']);
    execFileSync('git', ['-C', at('src'), 'config', 'core.fsmonitor', `touch ${at('ran')}; false`]);
    await pack();
    expect(await readdir(base)).not.toContain('ran');
  });

  it('refuses a folder that is not there or has nothing to pack', async () => {
    await expect(pack()).rejects.toThrow('there is no such folder');
    await put({ 'src/a': '' });
    execFileSync('git', ['-C', at('src'), 'init', '-q']);
    await expect(pack()).rejects.toThrow('no file to pack that Git tracks; untracked files can be');
  });
});

describe('definition archives', () => {
  it('bring a folder over as it is, without its .git', async () => {
    await put({ 'def/artifact.yml': 'version: 1', 'def/deb/rules.j2': 'r', 'def/.git/config': '' });
    await chmod(at('def/deb/rules.j2'), 0o755);
    await symlink('artifact.yml', at('def/link'));
    await packDefinition(at('def'), at('def.tar.xz'));
    await unpackDefinition(at('def.tar.xz'), at('new/definition'));
    expect((await readdir(at('new/definition'))).sort()).toEqual(['artifact.yml', 'deb', 'link']);
    expect((await lstat(at('new/definition/deb/rules.j2'))).mode & 0o777).toBe(0o755);
    expect(await readlink(at('new/definition/link'))).toBe('artifact.yml');
  });

  it('refuse symlinks that leave on both sides', async () => {
    await put({ 'def/artifact.yml': 'version: 1' });
    await symlink('../../etc', at('def/l'));
    await expect(packDefinition(at('def'), at('def.tar.gz'))).rejects.toThrow('leaves the folder');
    execFileSync('tar', ['-czf', at('def.tar.gz'), '-C', at('def'), '.']);
    await expect(unpackDefinition(at('def.tar.gz'), at('new'))).rejects.toThrow('leaves the tree');
    await expect(unpack(at('def.tar.gz'), at('new'), { limits })).rejects.toThrow(
      'leaves the tree',
    );
  });
});
