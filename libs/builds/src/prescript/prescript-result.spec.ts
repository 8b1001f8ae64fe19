import { cp, mkdir, mkdtemp, readdir, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { unpack } from '@fatbuildr/artifacts';
import { run } from '@fatbuildr/processes';
import type { TaskContext } from '@fatbuildr/tasks';
import { prescriptPatches, prescriptTarballs, type PrescriptTrees } from './prescript-result';

const limits = { timeout: 1, maxSize: 1e6, maxUnpacked: 1e6, maxEntries: 100 };

let home: string;
let trees: PrescriptTrees;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'fatbuildr-prescript-result-'));
  trees = {
    context: {
      task: { id: '3f2a9c1e-0000-4000-8000-000000000000', instance: 'default', user: 'ada' },
      signal: new AbortController().signal,
      journal: { log: () => undefined },
    } as unknown as TaskContext,
    ...{ limits, before: join(home, 'before'), after: join(home, 'after'), drop: ['debian'] },
  };
  await put('before/vendor/old', 'old\n');
  await put('before/text', 'text\n');
  await cp(trees.before, trees.after, { recursive: true });
});
afterEach(() => rm(home, { recursive: true }));

async function put(path: string, content: string): Promise<void> {
  await mkdir(dirname(join(home, path)), { recursive: true });
  await writeFile(join(home, path), content);
}

describe('what a prescript did', () => {
  it('is a patch, without what is not part of the sources', async () => {
    await put('after/debian/rules', 'x\n');
    await put('after/.git/config', 'x\n');
    await put('after/text', 'other\n');
    const [patch, ...more] = await prescriptPatches(trees);
    expect(more).toEqual([]);
    expect(patch!.name).toBe('fatbuildr-prescript.patch');
    expect(patch!.content.toString()).toMatch(/^Description: .*\n[^]*\n-text\n\+other\n$/);
    expect(patch!.content.toString()).not.toMatch(/debian|\.git/);
  });

  it('is a tarball of a folder, the same each time, and a symlink in its place', async () => {
    await put('after/web/node_modules/a.js', 'a\n');
    await put('after/web/node_modules/.git/index', 'x\n');
    await run(['chmod', '--recursive', 'a-w', join(trees.after, 'web/node_modules')]);
    await put('after/vendor/new', 'new\n');
    await cp(trees.after, `${trees.after}2`, { recursive: true });
    const folders = ['web/node_modules', 'vendor'];
    const into = join(home, 'archives');
    const sources = await prescriptTarballs(trees, folders, into);
    const date = new Date().toISOString().slice(0, 10).replaceAll('-', '');
    expect(sources.map(({ id, folder }) => [id, folder])).toEqual([
      ['web/node_modules', `web-nodemodules-${date}-3f2a9c1e`],
      ['vendor', `vendor-${date}-3f2a9c1e`],
    ]);
    const [first, second] = sources;
    await unpack(first!.archive, join(home, 'unpacked'), { limits });
    expect(await readdir(join(home, 'unpacked', first!.folder!))).toEqual(['a.js']);
    expect(await readlink(join(trees.after, 'web/node_modules'))).toBe(`../${first!.folder}`);
    expect(await readlink(join(trees.after, 'vendor'))).toBe(second!.folder);
    const patches = await prescriptPatches(trees, (path) => !path.startsWith('text'));
    expect(patches.map(({ name }) => name)).toEqual([
      'fatbuildr-prescript-removals.patch',
      'fatbuildr-prescript.patch',
    ]);
    const again = { ...trees, after: `${trees.after}2` };
    const [same] = await prescriptTarballs(again, folders, `${into}2`);
    await run(['cmp', first!.archive, same!.archive]);
  });

  it.each([
    ['lost', () => Promise.resolve(), /left no folder "lost" in the source tree/],
    [
      'link',
      () => symlink('/etc', join(trees.after, 'link')),
      /something else than a folder as "link"/,
    ],
    ['text', () => Promise.resolve(), /something else than a folder as "text"/],
    [
      'vendor',
      () => symlink('../text', join(trees.after, 'vendor/up')),
      /left "up": the symlink to "..\/text" leaves the folder/,
    ],
  ])('is refused as a tarball: %s', async (folder, make: () => Promise<unknown>, message) => {
    await make();
    await expect(prescriptTarballs(trees, [folder], join(home, 'x'))).rejects.toThrow(message);
  });
});
