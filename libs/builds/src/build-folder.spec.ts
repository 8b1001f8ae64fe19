import { link, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { collect } from './build-folder';

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

  const refusal = { code: 'BUILDS.BAD_RESULT' };

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
});
