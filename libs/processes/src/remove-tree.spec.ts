import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeTree } from './remove-tree';

describe('removeTree', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fatbuildr-tree-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('removes folders nested deeper than a path may be long', async () => {
    // Grown from below: each round puts the tree so far into a new folder.
    const tree = join(folder, 'tree');
    await mkdir(tree);
    for (let depth = 0; depth < 30; depth++) {
      const outer = join(folder, 'outer');
      await mkdir(outer);
      await rename(tree, join(outer, 'n'.repeat(200)));
      await rename(outer, tree);
    }
    await expect(rm(tree, { recursive: true })).rejects.toMatchObject({ code: 'ENAMETOOLONG' });
    await removeTree(tree);
    expect(existsSync(tree)).toBe(false);
  });

  it('removes links, not what they lead to', async () => {
    await writeFile(join(folder, 'kept'), '');
    await mkdir(join(folder, 'tree'));
    await symlink(folder, join(folder, 'tree', 'link'));
    await removeTree(join(folder, 'tree'));
    expect(existsSync(join(folder, 'tree'))).toBe(false);
    expect(existsSync(join(folder, 'kept'))).toBe(true);
  });

  it('takes what is not there for removed', async () => {
    await expect(removeTree(join(folder, 'nothing'))).resolves.toBeUndefined();
  });
});
