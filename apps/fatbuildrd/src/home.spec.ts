import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfiguration } from '@fatbuildr/config';
import { HomeLock, prepareFolders, UPLOADS_FOLDER } from './home';

let state: string;
beforeEach(() => (state = mkdtempSync(join(tmpdir(), 'fatbuildr-home-'))));
afterEach(() => rmSync(state, { recursive: true }));

describe('the lock of an installation', () => {
  it('lets no second daemon in, and names the process of the first', async () => {
    await HomeLock.take(state);
    await expect(HomeLock.take(state)).rejects.toThrow(
      `a daemon (process ${process.pid}) runs on ${state} already`,
    );
  });

  it('is free again after its release, and leaves nothing behind', async () => {
    const lock = await HomeLock.take(state);
    await lock.release();
    expect(await readdir(state)).toEqual([]);
    await (await HomeLock.take(state)).release();
  });

  it('is taken over from a process that is gone, even if its id is used again', async () => {
    await writeFile(join(state, 'daemon.lock'), `${process.pid} 1`);
    await (await HomeLock.take(state)).release();
    await writeFile(join(state, 'daemon.lock'), '4194304 1');
    await (await HomeLock.take(state)).release();
  });

  it('is taken over by one alone of those who find it left by a dead process', async () => {
    for (let round = 0; round < 20; round++) {
      await writeFile(join(state, 'daemon.lock'), '4194304 1');
      const daemons = Array.from({ length: 8 }, () => HomeLock.take(state));
      const outcomes = await Promise.allSettled(daemons);
      const taken = outcomes.filter(({ status }) => status === 'fulfilled');
      expect(taken).toEqual([
        { status: 'fulfilled', value: expect.objectContaining({ inherited: true }) },
      ]);
      expect(await readdir(state)).toEqual(['daemon.lock']);
      await rm(join(state, 'daemon.lock'));
    }
  });

  it('is taken over from who died while it took it over', async () => {
    await writeFile(join(state, 'daemon.lock'), '4194304 1');
    const right = createHash('sha256').update('4194304 1').digest('hex').slice(0, 16);
    await writeFile(join(state, `daemon.lock.${right}`), '4194304 2');
    const lock = await HomeLock.take(state);
    expect(lock.inherited).toBe(true);
    expect(await readdir(state)).toEqual(['daemon.lock']);
  });
});

describe('the folders of an installation', () => {
  const mode = async (path: string) => ((await stat(path)).mode & 0o7777).toString(8);

  it.each([
    ['the daemon itself alone', false, '700'],
    ['all users of the host, none of whom sees what others submit', true, '1733'],
  ])('take submissions of %s', async (_whom, shared, expected) => {
    const configuration = loadConfiguration({ home: state, env: {} });
    const { dirs, keyring } = configuration;
    await prepareFolders(configuration, shared);
    expect(await mode(join(dirs.run, UPLOADS_FOLDER))).toBe(expected);
    expect(await mode(dirs.run)).toBe('755');
    for (const path of [dirs.state, dirs.cache, dirs.tmp, keyring.storage]) {
      expect([path, await mode(path)]).toEqual([path, '700']);
    }
  });

  it('close to others what was open before, and drop what was never submitted', async () => {
    const configuration = loadConfiguration({ home: state, env: {} });
    const { dirs, tasks } = configuration;
    const uploads = join(dirs.run, UPLOADS_FOLDER);
    await mkdir(join(uploads, 'left'), { recursive: true });
    await mkdir(tasks.workspaces, { mode: 0o755 });
    await prepareFolders(configuration, false);
    expect(await readdir(uploads)).toEqual([]);
    expect(await mode(tasks.workspaces)).toBe('700');
  });
});
