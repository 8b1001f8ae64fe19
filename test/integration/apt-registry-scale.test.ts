import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '@fatbuildr/processes';
import { AptClient } from './apt-registry/apt-client';
import { buildTiny } from './apt-registry/demo-packages';
import {
  demoInstance,
  filesOf,
  openRegistry,
  TestSigner,
  type TestRegistry,
} from './support/test-registry';

jest.setTimeout(120_000);

const MAIN = { format: 'deb', distribution: 'bookworm', derivative: 'main' };
const BY = { task: 'task-1', user: 'ada' };
/** So that a handful of packages makes several chunks. */
const CHUNK_LENGTH = 3;
const NAMES = Array.from({ length: 24 }, (_, at) => `tiny-${String(at * 7).padStart(3, '0')}`);
/** Ids of further instances. */
const SEVERAL = ['one', 'two', 'three'];
const INDEX = 'dists/bookworm/main/binary-amd64/Packages';

let packages: string;
let debs: Map<string, string>;
let signer: TestSigner;
let home: string;
let registry: TestRegistry;

beforeAll(async () => {
  packages = await mkdtemp(join(tmpdir(), 'fatbuildr-apt-packages-'));
  debs = new Map();
  for (const name of NAMES) debs.set(name, await buildTiny(packages, name, '1.0'));
  const instances = ['acme', ...SEVERAL].map((id) => demoInstance(['x86_64'], id));
  signer = await TestSigner.create(join(packages, 'keyring'), instances);
});

afterAll(() => rm(packages, { recursive: true }));

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'fatbuildr-apt-registry-'));
  await open();
});

afterEach(async () => {
  await registry.close();
  await rm(home, { recursive: true });
});

async function open(settings: Parameters<typeof openRegistry>[2] = {}): Promise<void> {
  registry = await openRegistry(home, signer, settings);
  registry.apt.chunkLength = CHUNK_LENGTH;
}

const filesNamed = (...names: string[]) => names.map((name) => debs.get(name) ?? '');

const publish = (names: string[], place = MAIN, instance = registry.instance) =>
  registry.service.publish(instance, place, filesNamed(...names), BY);

const remove = (name: string) =>
  registry.service.delete(
    registry.instance,
    MAIN,
    { name, architecture: 'x86_64', version: '1.0' },
    BY,
  );

const served = (suffix = '') => readFile(join(registry.root, `${INDEX}${suffix}`));

const namesIn = (text: string) => [...text.matchAll(/^Package: (.*)$/gm)].map(([, name]) => name);

/** Blocks of an .xz file. */
async function blocksOf(path: string): Promise<number> {
  const { stdout } = await run(['xz', '--robot', '--list', path]);
  return Number(/^file\t1\t(\d+)\t/m.exec(stdout.toString())?.[1]);
}

/** Everything apt knows after it has read the index in that form. */
async function seenByApt(form: 'xz' | 'gz', root = registry.root): Promise<string[]> {
  const sources = await readFile(join(root, 'dists/bookworm/deb.sources'), 'utf8');
  const folder = await mkdtemp(join(home, `client-${form}-`));
  const apt = await AptClient.create(folder, sources);
  await apt.update('-o', `Acquire::CompressionTypes::Order::=${form}`);
  return (await apt.cache('pkgnames')).trim().split('\n').sort();
}

describe('an index of several chunks', () => {
  it('is read whole by apt after each kind of change, in every form', async () => {
    await publish(NAMES.filter((_, at) => at % 3 !== 0));
    expect(await blocksOf(join(registry.root, `${INDEX}.xz`))).toBeGreaterThan(3);
    for (const name of NAMES.filter((_, at) => at % 3 === 0)) await publish([name]);
    expect(namesIn((await served()).toString())).toEqual(NAMES);
    expect(await seenByApt('xz')).toEqual(NAMES);
    expect(await seenByApt('gz')).toEqual(NAMES);
    const gone = NAMES.filter((_, at) => at % 4 === 0);
    for (const name of gone) await remove(name);
    const left = NAMES.filter((name) => !gone.includes(name));
    expect(await seenByApt('xz')).toEqual(left);
    expect(await seenByApt('gz')).toEqual(left);
    expect((await run(['xz', '-dc', join(registry.root, `${INDEX}.xz`)])).stdout).toEqual(
      await served(),
    );
    expect((await run(['gzip', '-dc', join(registry.root, `${INDEX}.gz`)])).stdout).toEqual(
      await served(),
    );
  });

  it('is the same, byte for byte, whether changed step by step or written at once', async () => {
    for (const name of NAMES) await publish([name]);
    for (const name of NAMES.slice(5, 9)) await remove(name);
    const stepwise = [await served(), await served('.gz'), await served('.xz')];
    await registry.service.reindex(registry.instance, 'deb', BY);
    expect([await served(), await served('.gz'), await served('.xz')]).toEqual(stepwise);
  });

  it('has only what changed generated again', async () => {
    await publish(NAMES.slice(1));
    // A fragment that is not asked for again cannot bring this into the index.
    await registry.database.dataSource.query(
      `UPDATE registry_packages SET fragment = fragment || 'Note: generated again' || char(10)`,
    );
    await publish(NAMES.slice(0, 1));
    const again = (await served()).toString().match(/^Note: /gm) ?? [];
    expect(again.length).toBeLessThan(NAMES.length / 2);
    expect(await seenByApt('xz')).toEqual(NAMES);
  });

  it('becomes empty and fills again', async () => {
    await publish(NAMES.slice(0, 2));
    for (const name of NAMES.slice(0, 2)) await remove(name);
    expect(await seenByApt('xz')).toEqual(['']);
    expect(await seenByApt('gz')).toEqual(['']);
    await publish(NAMES.slice(2, 4));
    expect(await seenByApt('xz')).toEqual(NAMES.slice(2, 4));
  });

  it.each(['', '.gz', '.xz'])(
    'is generated anew when the served file %s was changed behind our back',
    async (suffix) => {
      await publish(NAMES.slice(1));
      const path = join(registry.root, `${INDEX}${suffix}`);
      const before = readFileSync(path);
      // In place: all names of the file are links to it.
      await writeFile(
        path,
        before.map((byte) => byte ^ 1),
      );
      await publish(NAMES.slice(0, 1));
      expect(await seenByApt('xz')).toEqual(NAMES);
      expect(await seenByApt('gz')).toEqual(NAMES);
      expect(namesIn((await served()).toString())).toEqual(NAMES);
    },
  );

  it.each([
    ['lost', () => rm(join(home, 'cache'), { recursive: true })],
    ['damaged', async () => damage(join(home, 'cache'))],
  ])('needs no cache: it may be %s', async (_how, harm) => {
    await publish(NAMES.slice(1));
    await harm();
    await publish(NAMES.slice(0, 1));
    expect(await seenByApt('xz')).toEqual(NAMES);
    await remove(NAMES[3] ?? '');
    expect(await seenByApt('gz')).toEqual(NAMES.filter((_, at) => at !== 3));
  });

  it('takes the cache of a publication that failed for what it is: of no use', async () => {
    await publish(NAMES.slice(2));
    const before = await filesOf(registry.root);
    await registry.database.dataSource.query(
      `CREATE TRIGGER full BEFORE INSERT ON registry_publications BEGIN SELECT RAISE(ABORT, 'disk full'); END`,
    );
    await expect(publish(NAMES.slice(0, 1))).rejects.toThrow('disk full');
    expect(await filesOf(registry.root)).toEqual(before);
    await registry.database.dataSource.query('DROP TRIGGER full');
    await publish(NAMES.slice(1, 2));
    expect(await seenByApt('xz')).toEqual(NAMES.slice(1));
  });
});

async function damage(folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((one) => one.isFile())) {
    await writeFile(join(entry.parentPath, entry.name), '{"sha256":');
  }
}

describe('publications at the same time', () => {
  it('into one registry all arrive, whatever their distribution', async () => {
    const trixie = { ...MAIN, distribution: 'trixie' };
    await Promise.all(
      NAMES.slice(0, 12).flatMap((name) => [publish([name]), publish([name], trixie)]),
    );
    expect(await seenByApt('xz')).toEqual(NAMES.slice(0, 12));
    const rows = await registry.service.artifacts(registry.instance, trixie);
    expect(rows.map(({ name }) => name)).toEqual(NAMES.slice(0, 12));
    expect(await registry.service.recover(registry.instance, BY)).toEqual([]);
  });

  it('into registries of several instances all arrive', async () => {
    const instances = SEVERAL.map((id) => demoInstance(['x86_64'], id));
    await Promise.all(
      instances.flatMap((instance) =>
        NAMES.slice(0, 6).map((name) => publish([name], MAIN, instance)),
      ),
    );
    for (const { id } of instances) {
      expect(await seenByApt('xz', join(home, 'registry', id, 'deb'))).toEqual(NAMES.slice(0, 6));
    }
  });

  it('of the same package: one publishes it, the others find it there', async () => {
    const done = await Promise.all([1, 2, 3].map(() => publish(NAMES.slice(0, 1))));
    expect(done.map(({ length }) => length).sort()).toEqual([0, 0, 1]);
  });
});

describe('signing again before the index expires', () => {
  const HOUR = 3_600_000;
  const inRelease = () => readFile(join(registry.root, 'dists/bookworm/InRelease'), 'utf8');
  const dateIn = (text: string, field: string) =>
    Date.parse(new RegExp(`^${field}: (.*)$`, 'm').exec(text)?.[1] ?? '');
  const resign = () => registry.service.resignDue(registry.instance, BY);
  let clock: jest.SpyInstance<number, []> | undefined;

  const later = (milliseconds: number) => {
    const now = Date.now() + milliseconds;
    clock?.mockRestore();
    clock = jest.spyOn(Date, 'now').mockReturnValue(now);
  };

  const reopen = async (settings: Parameters<typeof openRegistry>[2]) => {
    await registry.close();
    await open(settings);
  };

  afterEach(() => {
    clock?.mockRestore();
    clock = undefined;
  });

  it('happens when less than half of the validity is left, and touches no index', async () => {
    await reopen({ validity: 4 * HOUR });
    await publish(NAMES);
    const first = await inRelease();
    later(1.9 * HOUR);
    expect(await resign()).toEqual([]);
    expect(await inRelease()).toBe(first);
    later(0.2 * HOUR);
    const before = await filesOf(registry.root);
    expect(await resign()).toEqual(['deb bookworm']);
    const second = await inRelease();
    expect(dateIn(second, 'Valid-Until') - dateIn(first, 'Valid-Until')).toBeGreaterThan(2 * HOUR);
    expect(dateIn(second, 'Date')).toBeGreaterThan(dateIn(first, 'Date'));
    expect(await filesOf(registry.root)).toEqual(before);
    expect(await resign()).toEqual([]);
    expect(await registry.service.recover(registry.instance, BY)).toEqual([]);
    expect(await seenByApt('xz')).toEqual(NAMES);
  });

  it('never dates an index back', async () => {
    await reopen({ validity: HOUR });
    await publish(NAMES.slice(0, 1));
    const first = await inRelease();
    later(0.6 * HOUR);
    await resign();
    const second = await inRelease();
    later(-0.3 * HOUR);
    await registry.service.refresh(registry.instance, BY);
    expect(dateIn(await inRelease(), 'Date')).toBe(dateIn(second, 'Date'));
    expect(dateIn(second, 'Date')).toBeGreaterThan(dateIn(first, 'Date'));
  });

  it('follows a configuration that begins or ceases to let indices expire', async () => {
    await publish(NAMES.slice(0, 1));
    expect(await resign()).toEqual([]);
    await reopen({ validity: HOUR });
    expect(await resign()).toEqual(['deb bookworm']);
    expect(await inRelease()).toMatch(/^Valid-Until: /m);
    await reopen({ validity: undefined });
    expect(await resign()).toEqual(['deb bookworm']);
    expect(await inRelease()).not.toMatch(/^Valid-Until: /m);
    expect(await resign()).toEqual([]);
  });

  it('has nothing to do before the first publication', async () => {
    await reopen({ validity: HOUR });
    expect(await resign()).toEqual([]);
  });
});
