import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Configuration } from '@fatbuildr/config';
import { PublicationLock } from './publication-lock';

const REGISTRY = { instance: 'acme', format: 'deb' };
const BY = { task: 'task-1', user: 'ada' };
let state: string;
let lock: PublicationLock;

beforeEach(async () => {
  state = await mkdtemp(join(tmpdir(), 'fatbuildr-lock-'));
  lock = new PublicationLock({ dirs: { state, registry: '/srv/registry' } } as Configuration);
});

afterEach(() => rm(state, { recursive: true }));

const file = () => join(state, 'locks', 'registry-acme-deb.json');

async function heldBy(holder: object): Promise<void> {
  await mkdir(join(state, 'locks'));
  await writeFile(file(), JSON.stringify({ ...BY, ...holder }));
}

describe('PublicationLock', () => {
  it('lets one change in at a time and leaves nothing behind', async () => {
    let inside = 0;
    const most: number[] = [];
    const work = async () => {
      most.push(++inside);
      await new Promise((resolve) => setImmediate(resolve));
      inside--;
    };
    await Promise.all([1, 2, 3].map(() => lock.hold(REGISTRY, BY, work)));
    expect(most).toEqual([1, 1, 1]);
    expect(await readdir(join(state, 'locks'))).toEqual([]);
  });

  it('tells others who holds it, and nothing else of the task', async () => {
    const journal: { self?: object } = {};
    journal.self = journal;
    const by = { ...BY, journal };
    const held = await lock.hold(REGISTRY, by, () => readFile(file(), 'utf8'));
    expect(Object.keys(JSON.parse(held) as object).sort()).toEqual([
      'pid',
      'started',
      'task',
      'user',
    ]);
  });

  it('lets changes of other registries pass', async () => {
    const entered = await lock.hold(REGISTRY, BY, () =>
      lock.hold({ ...REGISTRY, format: 'rpm' }, BY, () => Promise.resolve('both')),
    );
    expect(entered).toBe('both');
  });

  it('refuses while another live process holds it, and names that one', async () => {
    const stat = await readFile(`/proc/${process.ppid}/stat`, 'utf8');
    const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    await heldBy({ pid: process.ppid, started });
    await expect(lock.hold(REGISTRY, BY, () => Promise.resolve())).rejects.toMatchObject({
      code: 'REGISTRY.LOCKED',
      message: expect.stringContaining(`process ${process.ppid} (task task-1 of ada)`),
    });
  });

  it.each([
    ['a process that died', { pid: 2 ** 22 + 1, started: '1' }],
    ['a process whose number was given to another', { pid: process.ppid, started: '1' }],
  ])('takes over from %s', async (_who, holder) => {
    await heldBy(holder);
    expect(await lock.hold(REGISTRY, BY, () => Promise.resolve('mine'))).toBe('mine');
  });

  it('is free again after a change that failed', async () => {
    const failing = lock.hold(REGISTRY, BY, () => Promise.reject(new Error('given up')));
    await expect(failing).rejects.toThrow('given up');
    expect(await lock.hold(REGISTRY, BY, () => Promise.resolve('mine'))).toBe('mine');
  });

  it('names the registry in a fault of its disk, and is free again', async () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), {
      code: 'ENOSPC',
    });
    await expect(lock.hold(REGISTRY, BY, () => Promise.reject(full))).rejects.toMatchObject({
      code: 'DISK.UNWRITABLE',
      message: expect.stringMatching(/^\/srv\/registry\/\S+ cannot be written: its disk is full/),
    });
    expect(await lock.hold(REGISTRY, BY, () => Promise.resolve('next'))).toBe('next');
  });
});
