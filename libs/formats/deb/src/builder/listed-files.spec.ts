import { mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listedFiles } from './listed-files';

describe('what a build left', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fatbuildr-listed-files-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const refusal = { code: 'BUILDS.BAD_RESULT' };

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
