import {
  chmod,
  cp,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { run } from '@fatbuildr/processes';
import { treePatches } from './tree-patch';

const LIMITS = { maxSize: 1e6, maxEntries: 50 };

let folder: string;
const before = () => join(folder, 'before');
const after = () => join(folder, 'after');

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fatbuildr-tree-patch-'));
  await mkdir(before());
});
afterEach(() => rm(folder, { recursive: true }));

async function put(path: string, content: string | Buffer, mode = 0o644): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), content);
  await chmod(join(folder, path), mode);
}

/** What is in a tree, in words. */
async function contents(tree: string): Promise<string> {
  const argv = ['find', '.', '-not', '-type', 'd', '-printf', '%p %y %m %l\\n'] as const;
  const { stdout } = await run(argv, { cwd: tree });
  const lines = stdout.toString().split('\n').sort();
  const sums = await run(['find', '.', '-type', 'f', '-exec', 'sha256sum', '{}', '+'], {
    cwd: tree,
  });
  return [...lines, ...sums.stdout.toString().split('\n').sort()].join('\n');
}

/** Applies patches as dpkg-source does. */
async function apply(patches: readonly Buffer[]): Promise<void> {
  const file = join(folder, 'patch');
  const options = ['-t', '-F', '0', '-N', '-p1', '-u', '-V', 'never', '-s'] as const;
  for (const patch of patches) {
    await writeFile(file, patch);
    await run(['patch', ...options, '-i', file], { cwd: before() });
  }
}

describe('treePatches', () => {
  it('makes one tree of another: any bytes, modes, links, names, hidden and ignored files', async () => {
    const bytes = Buffer.from(
      Array.from({ length: 4096 }, (_, i) => (i * i * 31 + (i >> 3)) % 256),
    );
    await put('before/text', 'one\ntwo\nthree\n');
    await put('before/binary', bytes);
    await put('before/run', 'echo\n');
    await put('before/gone/deep/file', 'no newline');
    await put('before/becomes-link', 'text\n');
    await symlink('text', join(before(), 'becomes-file'));
    await symlink('text', join(before(), 'moves'));
    await put('before/folder/a', 'a\n');
    await cp(before(), after(), { recursive: true, verbatimSymlinks: true });
    await put('after/text', 'one\n2\nthree');
    await put(
      'after/binary',
      Buffer.concat([bytes.subarray(0, 99), Buffer.from([0, 13, 10]), bytes]),
    );
    await put('after/run', 'echo\n', 0o755);
    for (const path of ['gone', 'becomes-link', 'becomes-file', 'moves', 'folder']) {
      await rm(join(after(), path), { recursive: true });
    }
    await symlink('run', join(after(), 'becomes-link'));
    await put('after/becomes-file', '#!/bin/sh\n', 0o755);
    await symlink('./run', join(after(), 'moves'));
    await put('after/folder', 'a file now\n');
    await put('after/new file', bytes);
    await put('after/deep/er/é', 'x\r\ny\0z');
    await put('after/empty', '');
    await put('after/.gitignore', '*\n');
    await put('after/ignored.o', 'still here\n');
    const patches = await treePatches(before(), after(), LIMITS);
    expect(patches).toHaveLength(2);
    await apply(patches);
    expect(await contents(before())).toBe(await contents(after()));
    expect(await treePatches(before(), after(), LIMITS)).toEqual([]);
  });

  it('leaves alone what is not selected, and says what it cannot remove', async () => {
    await put('before/empty', '');
    await put('after/.git/config', 'x\n');
    const told: string[] = [];
    const select = (path: string) => !path.endsWith('.git');
    const log = (message: string) => told.push(message);
    expect(await treePatches(before(), after(), { ...LIMITS, select, log })).toEqual([]);
    expect(told).toEqual([expect.stringContaining('empty file empty stays')]);
  });

  it('makes an empty tree of one', async () => {
    await put('before/a/b', 'c\n');
    await apply(await treePatches(before(), undefined, LIMITS));
    await expect(lstat(join(before(), 'a'))).rejects.toThrow('ENOENT');
    expect(await readFile(join(folder, 'patch'), 'utf8')).toMatch(/^diff --git a\/a\/b b\/a\/b\n/);
  });

  it.each([
    [
      'a link that leads out',
      () => symlink('../../etc', join(after(), 'out')),
      /leaves the source/,
    ],
    ['a pipe', () => run(['mkfifo', join(after(), 'pipe')]), /devices, sockets and pipes/],
    ['a name with a line break', () => put('after/a\nb', 'x'), /cannot stand in a patch/],
    ['too much', () => put('after/big', Buffer.alloc(1_000_001)), /more than 1000000 bytes/],
    [
      'too many',
      () => Promise.all(Array.from({ length: 51 }, (_, i) => put(`after/${i}`, ''))),
      /more than 50 files/,
    ],
  ])('refuses %s', async (_, make: () => Promise<unknown>, message) => {
    await mkdir(after());
    await make();
    await expect(treePatches(before(), after(), LIMITS)).rejects.toThrow(message);
  });
});
