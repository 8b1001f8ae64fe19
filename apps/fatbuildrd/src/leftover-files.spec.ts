import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Configuration } from '@fatbuildr/config';
import { removeLeftoverFiles } from './leftover-files';

describe('what a killed daemon was just writing', () => {
  const home = mkdtempSync(join(tmpdir(), 'fatbuildr-left-'));
  afterAll(() => rmSync(home, { recursive: true }));
  const dirs = {
    ...{ cache: join(home, 'cache'), tmp: join(home, 'tmp'), registry: join(home, 'registry') },
  } as Configuration['dirs'];
  const START = new Date();

  async function write(path: string, time: number): Promise<void> {
    const file = join(home, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, '');
    await utimes(file, time / 1000, time / 1000);
  }

  it('is removed; what is whole, and what is new, stays', async () => {
    const [before, after] = [START.getTime() - 1000, START.getTime() + 1000];
    await write('cache/sources/a/a-1.tar.gz', before);
    await write('cache/sources/.partial/old', before);
    await write('cache/sources/.partial/new', after);
    await write('tmp/folder/file', before);
    await utimes(join(home, 'tmp/folder'), 1, 1);
    await write('registry/one/deb/dists/d/.InRelease.next', before);
    await write('registry/one/deb/dists/d/.Release.previous', before);
    await write('registry/one/deb/dists/d/.Packages.next', after);
    await write('registry/one/deb/dists/d/InRelease', before);
    await write('registry/one/deb/pool/main/a/.a_1.deb.next', before);
    await removeLeftoverFiles(dirs, START);
    const left = await readdir(home, { recursive: true, withFileTypes: true });
    const files = left.filter((entry) => entry.isFile());
    expect(files.map(({ name }) => name).sort()).toEqual(
      ['.Packages.next', 'InRelease', 'a-1.tar.gz', 'new'].sort(),
    );
  });

  it('may be nothing at all', async () => {
    const nowhere = { cache: '/nonexistent/a', tmp: '/nonexistent/b', registry: '/nonexistent/c' };
    await expect(removeLeftoverFiles({ ...dirs, ...nowhere }, START)).resolves.toBeUndefined();
  });
});
