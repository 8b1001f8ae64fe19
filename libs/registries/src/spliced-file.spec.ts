import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DamagedSource, spliceFile } from './spliced-file';

const digest = (algorithm: string, data: string | Buffer) =>
  createHash(algorithm).update(data).digest('hex');

let folder: string;
let target: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fatbuildr-splice-'));
  target = join(folder, 'target');
});

afterEach(() => rm(folder, { recursive: true }));

async function sourceOf(content: string) {
  const path = join(folder, 'source');
  await writeFile(path, content);
  return { path, size: content.length, sha256: digest('sha256', content) };
}

it('writes new bytes between those of the old file and digests the whole', async () => {
  const source = await sourceOf('0123456789');
  const pieces = [Buffer.from('<'), { from: 1, to: 4 }, Buffer.from('-'), { from: 8, to: 10 }];
  const digests = await spliceFile(target, pieces, source);
  expect(await readFile(target, 'utf8')).toBe('<123-89');
  expect(digests).toEqual({
    size: 7,
    sha256: digest('sha256', '<123-89'),
    sha512: digest('sha512', '<123-89'),
  });
});

it('copies what is longer than it holds in memory', async () => {
  const content = '0123456789abcdef'.repeat(200_000);
  await spliceFile(target, [{ from: 5, to: content.length - 5 }], await sourceOf(content));
  expect(await readFile(target, 'utf8')).toBe(content.slice(5, -5));
});

it('needs no old file', async () => {
  await spliceFile(target, [Buffer.from('new')]);
  expect(await readFile(target, 'utf8')).toBe('new');
});

describe('refuses an old file', () => {
  const pieces = [{ from: 0, to: 3 }];

  it('changed anywhere, even where nothing is taken from it', async () => {
    const source = await sourceOf('0123456789');
    await writeFile(source.path, '012345678X');
    await expect(spliceFile(target, pieces, source)).rejects.toThrow(DamagedSource);
  });

  it('cut short', async () => {
    const source = await sourceOf('0123456789');
    await writeFile(source.path, '01234');
    await expect(spliceFile(target, pieces, source)).rejects.toThrow(DamagedSource);
  });

  it('that is gone', async () => {
    const source = await sourceOf('0123456789');
    await rm(source.path);
    await expect(spliceFile(target, pieces, source)).rejects.toThrow(DamagedSource);
  });
});
