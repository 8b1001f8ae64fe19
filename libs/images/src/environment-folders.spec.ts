import { existsSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Configuration } from '@fatbuildr/config';
import type { Instance } from '@fatbuildr/instances';
import { EnvironmentFolders, removeUnfinished } from './environment-folders';

describe('EnvironmentFolders', () => {
  let home: string;
  let configuration: Configuration;
  let folders: EnvironmentFolders;
  const place = {
    instance: { id: 'dev' } as Instance,
    environment: 'Bookworm/x',
    architecture: 'x86_64',
  };

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'fatbuildr-folders-'));
    configuration = { images: { storage: home } } as Configuration;
    folders = new EnvironmentFolders(configuration, 'deb', 'classic');
  });
  afterEach(() => rm(home, { recursive: true }));

  const make = (content: string) =>
    folders.during('dev', 'task', async (folder, volume) => {
      const root = join(volume, folder, 'root');
      await mkdir(root);
      await writeFile(join(root, content), content);
      await folders.replace(place, root, content);
    });

  it('finds what was made, and keeps nothing of what it replaced', async () => {
    expect(await folders.find(place)).toBeUndefined();
    await make('first');
    const first = await folders.find(place);
    expect(first).toMatchObject({ recipe: 'first', created: expect.any(Date) });
    expect(first!.size).toBeGreaterThan(0);
    await make('second');
    const second = await folders.find(place);
    const volume = await folders.volume('dev');
    expect(second).toMatchObject({ recipe: 'second' });
    expect(existsSync(join(volume, second!.id, 'second'))).toBe(true);
    expect(await readdir(join(volume, folders.kept(place)))).toHaveLength(1);
    expect(await readdir(join(volume, 'tasks'))).toEqual([]);
  });

  it('keeps roots to itself, and environments apart whatever they are called', async () => {
    await make('root');
    expect(statSync(await folders.volume('dev')).mode & 0o777).toBe(0o700);
    expect(folders.kept(place)).toMatch(/^[a-z0-9_-]+$/);
    expect(folders.kept(place)).not.toBe(folders.kept({ ...place, environment: 'bookworm-x' }));
  });

  it('removes the work of a task that fails', async () => {
    const failing = folders.during('dev', 'task', () => Promise.reject(new Error('why')));
    await expect(failing).rejects.toThrow('why');
    expect(await readdir(join(await folders.volume('dev'), 'tasks'))).toEqual([]);
  });

  it('removes what a killed daemon left, and leaves the work of this one', async () => {
    await removeUnfinished(configuration, 'dev', new Date());
    const tasks = join(await folders.volume('dev'), 'tasks');
    const begun = new Date(Date.now() - 60_000);
    for (const name of ['old', 'new']) await mkdir(join(tasks, name, 'deep'), { recursive: true });
    await utimes(join(tasks, 'old'), 0, 0);
    await removeUnfinished(configuration, 'dev', begun);
    expect(await readdir(tasks)).toEqual(['new']);
  });
});
