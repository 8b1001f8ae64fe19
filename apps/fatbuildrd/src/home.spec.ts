import { mkdtempSync, rmSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HomeLock } from './home';

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
});
