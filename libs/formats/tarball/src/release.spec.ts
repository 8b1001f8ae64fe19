import { mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packTree } from '@fatbuildr/artifacts';
import { describeRelease, readRelease, releaseName } from './release';

const LIMITS = { maxEntries: 10, maxUnpacked: 1e6 };
const RELEASE = { name: 'hello', architecture: 'src', version: '1:2.0-1', changelog: [] };

describe('a release', () => {
  let folder: string;
  let description: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'release-'));
    const tree = join(folder, 'tree');
    await mkdir(join(tree, 'doc'), { recursive: true });
    await writeFile(join(tree, 'doc/readme'), 'read me');
    const archive = join(folder, 'hello-2.0-1.tar.xz');
    await packTree(tree, archive, { prefix: 'hello-2.0-1' });
    [description = ''] = await describeRelease(RELEASE, [archive]);
  });
  afterEach(() => rm(folder, { recursive: true }));

  const edit = async (change: (text: string) => string) =>
    writeFile(description, change(await readFile(description, 'utf8')));

  it('is named without epoch, and by its architecture unless it is the source', () => {
    expect(releaseName(RELEASE)).toBe('hello-2.0-1');
    expect(releaseName({ ...RELEASE, architecture: 'x86_64' })).toBe('hello-2.0-1-x86_64');
  });

  it('is read as it was described', async () => {
    expect(await readRelease(description, LIMITS)).toMatchObject({
      ...RELEASE,
      content: [
        { path: '/doc', type: 'd', size: 0 },
        { path: '/doc/readme', type: 'f', size: 7 },
      ],
      digests: [{ name: 'hello-2.0-1.json' }, { name: 'hello-2.0-1.tar.xz' }],
    });
  });

  it.each<[string, (text: string) => string, RegExp]>([
    ['no JSON', () => '{', /hello-2\.0-1\.json: .*JSON/],
    ['unknown keys', (text) => text.replace('"name"', '"nmae"'), /no description of a package/],
    ['a path', (text) => text.replace('"hello-2', '"../hello-2'), /no description .*files/],
    [
      'another version',
      (text) => text.replace('1:2.0-1', '3.0-1'),
      /it describes hello-3\.0-1\.json, .*not hello-2\.0-1\.json/,
    ],
    [
      'another archive',
      (text) => text.replace('hello-2.0-1.tar.xz', 'bye.tar.xz'),
      /not hello-2\.0-1\.tar\.xz/,
    ],
    [
      'other digests',
      (text) => text.replace(/[0-9a-f]{64}/, '0'.repeat(64)),
      /tar\.xz: its content/,
    ],
  ])('is refused when its description holds %s', async (_what, change, reason) => {
    await edit(change);
    await expect(readRelease(description, LIMITS)).rejects.toMatchObject({
      code: 'TARBALL.DAMAGED',
      message: expect.stringMatching(reason) as string,
    });
  });

  it('is refused when its archive is cut off, described as it is or not', async () => {
    const archive = join(folder, 'hello-2.0-1.tar.xz');
    await truncate(archive, 100);
    await describeRelease(RELEASE, [archive]);
    await expect(readRelease(description, LIMITS)).rejects.toMatchObject({
      code: 'TARBALL.DAMAGED',
      message: expect.stringContaining('hello-2.0-1.tar.xz') as string,
    });
  });

  it('is refused when it unpacks to more than is taken', async () => {
    const limits = { ...LIMITS, maxEntries: 2 };
    await expect(readRelease(description, limits)).rejects.toThrow(/more than 2 entries/);
  });
});
