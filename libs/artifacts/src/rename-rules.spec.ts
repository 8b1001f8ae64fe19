import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { applyRenameRules } from './rename-rules';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fatbuildr-rename-'));
  await mkdir(join(folder, 'deb'));
  await writeFile(join(folder, 'deb/lib.install'), 'lib');
  await writeFile(join(folder, 'deb/other'), 'other');
});
afterEach(() => rm(folder, { recursive: true }));

const read = (path: string) => readFile(join(folder, path), 'utf8');

async function apply(rules: string, file = 'rename'): Promise<void> {
  await writeFile(join(folder, file), rules);
  await applyRenameRules(folder, { version: { major: '12' } });
}

describe('applyRenameRules', () => {
  it('renames in the order of the rules, into new folders', async () => {
    await apply('# the library\n\ndeb/lib.install  deb/a\ndeb/a deb/new/./folder/b\n');
    expect(await read('deb/new/folder/b')).toBe('lib');
  });

  it('takes a template, but not both files', async () => {
    await apply('deb/lib.install deb/lib{{ version.major }}.install\n', 'rename.j2');
    expect(await read('deb/lib12.install')).toBe('lib');
    await expect(apply('')).rejects.toThrow('"rename.j2": "rename" is there as well');
  });

  it('does nothing without rules', async () => {
    await applyRenameRules(folder, {});
    expect(await read('deb/lib.install')).toBe('lib');
  });

  it.each([
    ['deb/lib.install', 'rename: line 2: expected an old and a new path, got 1 words'],
    ['deb/lib.install to deb/b', 'rename: line 2: expected an old and a new path, got 3 words'],
    ['deb/missing deb/b', 'rename: line 2: there is no "deb/missing"'],
    ['deb/other deb/lib.install', 'rename: line 2: "deb/lib.install" is there already'],
    ['deb/other ../b', 'rename: line 2: "../b" leaves the definition'],
    ['/etc/passwd deb/b', 'rename: line 2: "/etc/passwd" leaves the definition'],
    ['deb/other out/deep/b', 'rename: line 2: "out/deep/b" leaves the definition'],
    ['out/hostname b', 'rename: line 2: "out/hostname" leaves the definition'],
    ['deb/other lost/b', 'rename: line 2: "lost/b" leads nowhere'],
  ])('refuses "%s"', async (rule, message) => {
    await symlink('/etc', join(folder, 'out'));
    await symlink('nowhere', join(folder, 'lost'));
    await expect(apply(`#\n${rule}\n`)).rejects.toMatchObject({
      code: 'ARTIFACT.BAD_RENAME',
      message,
    });
    expect(await read('deb/other')).toBe('other');
  });
});
