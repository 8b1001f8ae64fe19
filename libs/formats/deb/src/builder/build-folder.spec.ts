import {
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { collect, listedFiles } from './build-folder';

describe('what a build left', () => {
  let folder: string;
  let results: string;
  beforeEach(async () => {
    const place = await mkdtemp(join(tmpdir(), 'fatbuildr-build-folder-'));
    folder = join(place, 'build');
    results = join(place, 'results');
    await mkdir(folder);
    await mkdir(results);
  });
  afterEach(() => rm(join(folder, '..'), { recursive: true }));

  const refusal = { code: 'DEB.BAD_RESULT' };

  it('is moved to the results', async () => {
    await writeFile(join(folder, 'hello_1_amd64.deb'), 'package');
    const [file = ''] = await collect(folder, ['hello_1_amd64.deb'], results);
    expect(await readFile(file, 'utf8')).toBe('package');
    expect(await readdir(folder)).toEqual([]);
  });

  it.each([
    ['a symbolic link', (path: string) => symlink('/etc/hostname', path)],
    ['a hard link', (path: string) => link(join(folder, 'other'), path)],
    ['a folder', (path: string) => mkdir(path)],
  ])('is refused when it is %s', async (_what, make) => {
    await writeFile(join(folder, 'other'), '');
    await make(join(folder, 'x.deb'));
    await expect(collect(folder, ['x.deb'], results)).rejects.toMatchObject(refusal);
    expect(await readdir(results)).toEqual([]);
  });

  it.each(['../x.deb', '/etc/hostname', '.x.deb', ''])(
    'is refused by its name %p',
    async (name) => {
      await expect(collect(folder, [name], results)).rejects.toMatchObject(refusal);
    },
  );

  it('does not replace an earlier result, such as the source that was built', async () => {
    await writeFile(join(results, 'hello_1.dsc'), 'true');
    await writeFile(join(folder, 'hello_1.dsc'), 'forged');
    await expect(collect(folder, ['hello_1.dsc'], results)).rejects.toMatchObject(refusal);
    expect(await readFile(join(results, 'hello_1.dsc'), 'utf8')).toBe('true');
  });

  it('is listed by its description', async () => {
    const digest = 'a'.repeat(64);
    await writeFile(
      join(folder, 'hello_1_amd64.changes'),
      `Source: hello\nChecksums-Sha256:\n ${digest} 7 hello_1_amd64.deb\nFiles:\n`,
    );
    expect(await listedFiles(folder, 'hello_1_amd64.changes')).toEqual(['hello_1_amd64.deb']);
  });

  it('is refused when its description would fill the memory', async () => {
    const path = join(folder, 'hello_1_amd64.changes');
    await writeFile(path, '');
    await truncate(path, 2 * 1024 ** 3);
    await expect(listedFiles(folder, 'hello_1_amd64.changes')).rejects.toMatchObject(refusal);
  });

  it('is refused when its description is a link', async () => {
    await symlink('/etc/hostname', join(folder, 'hello_1_amd64.changes'));
    await expect(listedFiles(folder, 'hello_1_amd64.changes')).rejects.toMatchObject(refusal);
  });
});
