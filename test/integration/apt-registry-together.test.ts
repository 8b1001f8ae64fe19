import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildTiny } from './apt-registry/demo-packages';
import {
  demoInstance,
  filesOf,
  openRegistry,
  TestSigner,
  type TestRegistry,
} from './support/test-registry';

jest.setTimeout(60_000);

const MAIN = { format: 'deb', distribution: 'bookworm', derivative: 'main' };
const EXTRA = { ...MAIN, derivative: 'extra' };
const NAMES = ['alpha', 'beta', 'gamma', 'delta'];

let packages: string;
let debs: Map<string, string>;
/** Of names and versions of those, with other content. */
let otherAlpha: string;
let otherBeta: string;
let signer: TestSigner;
let home: string;
let registry: TestRegistry;

beforeAll(async () => {
  packages = await mkdtemp(join(tmpdir(), 'fatbuildr-together-packages-'));
  debs = new Map();
  for (const name of NAMES) debs.set(name, await buildTiny(packages, name, '1.0'));
  for (const name of ['alpha', 'beta']) {
    await mkdir(join(packages, `other/root-${name}/usr`), { recursive: true });
  }
  otherAlpha = await buildTiny(join(packages, 'other'), 'alpha', '1.0');
  otherBeta = await buildTiny(join(packages, 'other'), 'beta', '1.0');
  signer = await TestSigner.create(join(packages, 'keyring'), [demoInstance()]);
});

afterAll(() => rm(packages, { recursive: true }));

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'fatbuildr-together-'));
  registry = await openRegistry(home, signer);
});

afterEach(async () => {
  await registry.close();
  jest.restoreAllMocks();
  await rm(home, { recursive: true });
});

const deb = (name: string) => debs.get(name) ?? '';

async function publish(file: string, task: string, place = MAIN): Promise<number> {
  const by = { task, user: `user of ${task}` };
  return (await registry.service.publish(registry.instance, place, [file], by)).length;
}

/** Begins all publications while another one, of `alpha`, has the registry, and ends that one then. */
async function whileOneIsMade<T>(begin: (() => Promise<T>)[]): Promise<PromiseSettledResult<T>[]> {
  const { apt } = registry;
  const { read, stage } = { read: apt.read.bind(apt), stage: apt.stage.bind(apt) };
  const gate = new EventTarget();
  const staged = once(gate, 'staged');
  const open = once(gate, 'open');
  jest.spyOn(apt, 'stage').mockImplementationOnce(async (request) => {
    gate.dispatchEvent(new Event('staged'));
    await open;
    return stage(request);
  });
  const first = publish(deb('alpha'), 'first');
  await staged;
  const reading: Promise<unknown>[] = [];
  jest.spyOn(apt, 'read').mockImplementation((request) => {
    const records = read(request);
    reading.push(records);
    return records;
  });
  const others = Promise.allSettled(begin.map((one) => one()));
  // Each starts to read only after a look into the database.
  while (reading.length < begin.length) await new Promise((resolve) => setImmediate(resolve));
  await Promise.all(reading);
  await new Promise((resolve) => setImmediate(resolve));
  gate.dispatchEvent(new Event('open'));
  await first;
  return others;
}

const fulfilled = (value: number) => ({ status: 'fulfilled', value });
const refused = {
  status: 'rejected',
  reason: expect.objectContaining({ code: 'REGISTRY.ALREADY_PUBLISHED' }) as unknown,
};

async function publishedBy(): Promise<string[]> {
  const rows = await registry.service.publications(registry.instance, MAIN);
  return rows.map(({ task, user, packages: all }) => `${task} by ${user}: ${all.join()}`).sort();
}

const names = async (place = MAIN) =>
  (await registry.service.artifacts(registry.instance, place)).map(({ name }) => name);

describe('publications that wait for the same registry', () => {
  it('are made by one new index, each in the name of its task', async () => {
    const ended = await whileOneIsMade([
      () => publish(deb('beta'), 'second'),
      () => publish(deb('gamma'), 'third'),
      () => publish(deb('delta'), 'fourth', EXTRA),
    ]);
    expect(ended).toEqual([fulfilled(1), fulfilled(1), fulfilled(1)]);
    expect(registry.apt.stage).toHaveBeenCalledTimes(2);
    expect(await publishedBy()).toEqual([
      'first by user of first: main alpha 1.0 x86_64',
      'fourth by user of fourth: extra delta 1.0 x86_64',
      'second by user of second: main beta 1.0 x86_64',
      'third by user of third: main gamma 1.0 x86_64',
    ]);
    expect(await names()).toEqual(['alpha', 'beta', 'gamma']);
    expect(await names(EXTRA)).toEqual(['delta']);
    expect(await registry.service.recover(registry.instance, { task: '', user: '' })).toEqual([]);
  });

  it('do not suffer from one of them that is refused', async () => {
    const ended = await whileOneIsMade([
      () => publish(deb('beta'), 'second'),
      () => publish(otherAlpha, 'third'),
      () => publish(deb('gamma'), 'fourth'),
    ]);
    expect(ended).toEqual([fulfilled(1), refused, fulfilled(1)]);
    expect(await names()).toEqual(['alpha', 'beta', 'gamma']);
  });

  it('of the same package: one publishes it, the others find it there', async () => {
    const ended = await whileOneIsMade([
      () => publish(deb('beta'), 'second'),
      () => publish(deb('beta'), 'third'),
      () => publish(deb('alpha'), 'fourth'),
    ]);
    expect(ended).toHaveLength(3);
    expect(ended[2]).toEqual(fulfilled(0));
    expect(ended).toEqual(expect.arrayContaining([fulfilled(1), fulfilled(0)]));
    expect(await names()).toEqual(['alpha', 'beta']);
  });

  it('of one package with different contents: one publishes it, the other is refused', async () => {
    const ended = await whileOneIsMade([
      () => publish(deb('beta'), 'second'),
      () => publish(otherBeta, 'third'),
    ]);
    // Which of them is read first is a matter of luck.
    expect(ended).toHaveLength(2);
    expect(ended).toEqual(expect.arrayContaining([fulfilled(1), refused]));
    expect(await filesOf(join(registry.root, 'pool'))).toEqual([
      'main/a/alpha/alpha_1.0_amd64.deb',
      'main/b/beta/beta_1.0_amd64.deb',
    ]);
  });

  it('are made one by one when they cannot be made together', async () => {
    await registry.database.dataSource.query(
      `CREATE TRIGGER full BEFORE INSERT ON registry_packages WHEN NEW.name = 'gamma'
       BEGIN SELECT RAISE(ABORT, 'disk full'); END`,
    );
    const ended = await whileOneIsMade([
      () => publish(deb('gamma'), 'second'),
      () => publish(deb('beta'), 'third'),
    ]);
    expect(ended).toEqual([
      {
        status: 'rejected',
        reason: expect.objectContaining({ message: expect.stringContaining('disk full') }),
      },
      fulfilled(1),
    ]);
    expect(await names()).toEqual(['alpha', 'beta']);
    expect(await filesOf(join(registry.root, 'pool'))).toEqual([
      'main/a/alpha/alpha_1.0_amd64.deb',
      'main/b/beta/beta_1.0_amd64.deb',
    ]);
  });
});
