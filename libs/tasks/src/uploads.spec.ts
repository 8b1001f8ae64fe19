import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { link, mkdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { takeOver } from './uploads';

let folder: string;
let workspace: string;
const { uid } = userInfo();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fatbuildr-uploads-'));
  workspace = join(folder, 'workspace');
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('taking over a submitted file', () => {
  it('moves it', async () => {
    const file = join(folder, 'hello.tar.xz');
    await writeFile(file, 'content');
    const target = await takeOver(file, uid, workspace);
    expect(target).toBe(join(workspace, 'hello.tar.xz'));
    expect(await readFile(target, 'utf8')).toBe('content');
    expect(existsSync(file)).toBe(false);
  });

  it('refuses a symbolic link and leaves its target alone', async () => {
    const secret = join(folder, 'secret');
    await writeFile(secret, 'content');
    await symlink(secret, join(folder, 'link'));
    await expect(takeOver(join(folder, 'link'), uid, workspace)).rejects.toThrow(
      /link" is refused: it is a symbolic link/,
    );
    expect(existsSync(secret)).toBe(true);
  });

  it('moves nothing else when a folder on the way is exchanged for a link meanwhile', async () => {
    const [mine, secrets, way] = ['mine', 'secrets', 'way'].map((name) => join(folder, name));
    for (const path of [mine!, secrets!]) {
      await mkdir(path);
      await writeFile(join(path, 'file'), path);
    }
    await symlink(mine!, way!);
    let going = true;
    const exchange = (async () => {
      for (let turn = 0; going; turn++) {
        await symlink(turn % 2 ? mine! : secrets!, `${way}.new`);
        await rename(`${way}.new`, way!);
      }
    })();
    try {
      for (let round = 0; round < 50; round++) {
        const into = join(workspace, String(round));
        const taken = await takeOver(join(way!, 'file'), uid, into);
        const from = await readFile(taken, 'utf8');
        // It came from one folder, whole, and only that folder lacks it.
        expect([mine, secrets].filter((path) => !existsSync(join(path!, 'file')))).toEqual([from]);
        await writeFile(join(from, 'file'), from);
      }
    } finally {
      going = false;
      await exchange;
    }
  });

  it.each([
    ['a relative path', () => Promise.resolve('hello.tar'), 'its path is not absolute'],
    ['a missing file', () => Promise.resolve(join(folder, 'none')), 'it does not exist'],
    [
      'a folder',
      async () => {
        await mkdir(join(folder, 'sub'));
        return join(folder, 'sub');
      },
      'it is not a regular file',
    ],
    [
      'a file of several names',
      async () => {
        await writeFile(join(folder, 'one'), '');
        await link(join(folder, 'one'), join(folder, 'two'));
        return join(folder, 'two');
      },
      'it has several hard links',
    ],
  ])('refuses %s', async (_what, make, reason) => {
    await expect(takeOver(await make(), uid, workspace)).rejects.toThrow(reason);
  });

  it('refuses a file of another user than the sender', async () => {
    const file = join(folder, 'hello.tar.xz');
    await writeFile(file, 'content');
    await expect(takeOver(file, uid + 1, workspace)).rejects.toThrow('it belongs to another user');
    expect(existsSync(file)).toBe(true);
  });
});
