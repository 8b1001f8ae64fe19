import { link, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StagedFiles } from './staged-files';

let folder: string;
const at = (name: string) => join(folder, name);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fatbuildr-staged-'));
  await writeFile(at('old'), 'before');
});

afterEach(() => rm(folder, { recursive: true }));

async function contents(): Promise<Record<string, string>> {
  const names = await readdir(folder);
  const pairs = names.map(async (name) => [name, await readFile(at(name), 'utf8')] as const);
  return Object.fromEntries(await Promise.all(pairs));
}

describe('StagedFiles', () => {
  it('shows nothing before the switch and all of it afterwards', async () => {
    const staged = new StagedFiles();
    await staged.write(at('old'), 'after');
    await staged.link(at('new'), at('old'));
    expect(await readFile(at('old'), 'utf8')).toBe('before');
    await staged.switch();
    await staged.settle();
    expect(await contents()).toEqual({ old: 'after', new: 'before' });
  });

  it('dates what replaces a file at least a second later, however soon it comes', async () => {
    const dates: number[] = [];
    for (const text of ['one', 'two', 'three']) {
      const staged = new StagedFiles();
      await staged.write(at('old'), text);
      await staged.switch();
      await staged.settle();
      dates.push(Math.floor((await stat(at('old'))).mtimeMs / 1000));
    }
    expect(dates[1]! - dates[0]!).toBeGreaterThanOrEqual(1);
    expect(dates[2]! - dates[1]!).toBeGreaterThanOrEqual(1);
  });

  it('leaves the date of a file that stays the same under another name', async () => {
    const before = (await stat(at('old'))).mtimeMs;
    await link(at('old'), at('digest'));
    const staged = new StagedFiles();
    await staged.link(at('old'), at('digest'));
    await staged.switch();
    expect((await stat(at('old'))).mtimeMs).toBe(before);
  });

  it('puts everything back after a switch, also what was not there before', async () => {
    const staged = new StagedFiles();
    await staged.write(at('old'), 'after');
    await staged.write(at('new'), 'after');
    await staged.switch();
    await staged.revert();
    expect(await contents()).toEqual({ old: 'before' });
  });

  it('puts everything back when the switch stops half-way', async () => {
    await mkdir(at('folder'));
    await writeFile(join(at('folder'), 'in-the-way'), '');
    const staged = new StagedFiles();
    await staged.write(at('old'), 'after');
    await staged.write(at('folder'), 'cannot replace a folder');
    await expect(staged.switch()).rejects.toThrow();
    await staged.revert();
    expect(await readFile(at('old'), 'utf8')).toBe('before');
    expect((await readdir(folder)).sort()).toEqual(['folder', 'old']);
  });

  it('removes what was staged when there is no switch', async () => {
    const staged = new StagedFiles();
    await staged.write(at('old'), 'after');
    await staged.revert();
    expect(await contents()).toEqual({ old: 'before' });
  });

  it('writes over the leftovers of a killed process', async () => {
    await writeFile(at('.old.next'), 'torn');
    await writeFile(at('.old.previous'), 'stale');
    const staged = new StagedFiles();
    await staged.write(at('old'), 'after');
    await staged.switch();
    await staged.settle();
    expect(await contents()).toEqual({ old: 'after' });
  });
});
