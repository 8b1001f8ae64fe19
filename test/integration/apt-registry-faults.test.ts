import { mkdtemp, readFile, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AptClient } from './apt-registry/apt-client';
import { buildDemo, type DemoPackages } from './apt-registry/demo-packages';
import {
  demoInstance,
  filesOf,
  openRegistry,
  TestSigner,
  type TestRegistry,
} from './support/test-registry';

jest.setTimeout(120_000);

const MAIN = { format: 'deb', distribution: 'bookworm', derivative: 'main' };
const EXTRA = { ...MAIN, derivative: 'extra' };
const BY = { task: 'task-1', user: 'ada' };

let packages: string;
let first: DemoPackages;
let second: DemoPackages;
let signer: TestSigner;
let home: string;
let registry: TestRegistry;

beforeAll(async () => {
  packages = await mkdtemp(join(tmpdir(), 'fatbuildr-apt-packages-'));
  first = await buildDemo(join(packages, 'first'), { version: '1.0-1' });
  second = await buildDemo(join(packages, 'second'), { version: '1.0-2', compression: 'zstd' });
  signer = await TestSigner.create(join(packages, 'keyring'));
});

afterAll(() => rm(packages, { recursive: true }));

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'fatbuildr-apt-registry-'));
  registry = await openRegistry(home, signer);
  signer.failing = false;
});

afterEach(async () => {
  await registry.close();
  await rm(home, { recursive: true });
});

const publish = (demo: DemoPackages, place = MAIN) =>
  registry.service.publish(registry.instance, place, demo.files, BY);

const listing = (place = MAIN) => registry.service.artifacts(registry.instance, place);

async function client(name = 'client'): Promise<AptClient> {
  const sources = await readFile(join(registry.root, 'deb.sources'), 'utf8');
  return AptClient.create(
    join(home, name),
    sources.replace('Components: main', 'Components: main extra'),
  );
}

const inRelease = () => readFile(join(registry.root, 'dists/bookworm/InRelease'), 'utf8');

async function reopen(): Promise<void> {
  await registry.close();
  registry = await openRegistry(home, signer);
}

describe('when something goes wrong', () => {
  it('a publication that cannot be signed leaves the old state served and no trace', async () => {
    await publish(first);
    const before = await filesOf(registry.root);
    const rows = await listing();
    signer.failing = true;
    await expect(publish(second)).rejects.toThrow('the keyring is on strike');
    expect(await filesOf(registry.root)).toEqual(before);
    expect(await listing()).toEqual(rows);
    await (await client()).update();
    signer.failing = false;
    await publish(second);
  });

  it('a first publication that fails leaves nothing to serve', async () => {
    signer.failing = true;
    await expect(publish(first)).rejects.toThrow('the keyring is on strike');
    expect((await filesOf(registry.root)).filter((path) => !path.startsWith('dists'))).toEqual([]);
    expect(await listing()).toEqual([]);
  });

  it('rows that cannot be committed put the old index back', async () => {
    await publish(first);
    const before = await filesOf(registry.root);
    const released = await inRelease();
    await registry.database.dataSource.query(
      `CREATE TRIGGER full BEFORE INSERT ON registry_publications BEGIN SELECT RAISE(ABORT, 'disk full'); END`,
    );
    await expect(publish(second)).rejects.toThrow('disk full');
    expect(await inRelease()).toBe(released);
    expect(await filesOf(registry.root)).toEqual(before);
  });

  it('recovers an index that was switched although its rows were never committed', async () => {
    await publish(first);
    const source = { name: 'libdemo', architecture: 'src', version: '1.0-2' };
    await publish(second);
    const newer = await inRelease();
    await registry.service.delete(registry.instance, MAIN, source, BY);
    await writeFile(join(registry.root, 'dists/bookworm/InRelease'), newer);
    await reopen();
    expect(await registry.service.recover(registry.instance, BY)).toEqual(['deb bookworm']);
    const apt = await client();
    await apt.update();
    expect(await apt.cache('policy', 'demo')).toMatch(/Candidate: 1\.0-1/);
    expect(await registry.service.recover(registry.instance, BY)).toEqual([]);
  });

  it('follows a changed instance at start', async () => {
    await publish(first);
    const wider = demoInstance(['x86_64', 'riscv64']);
    expect(await registry.service.recover(wider, BY)).toEqual(['deb bookworm']);
    expect(await inRelease()).toMatch(/^Architectures: amd64 riscv64$/m);
  });

  it('never publishes an earlier date, whatever the clock says', async () => {
    await publish(first);
    const dateOf = (text: string) => Date.parse(/^Date: (.*)$/m.exec(text)?.[1] ?? '');
    const before = dateOf(await inRelease());
    const clock = jest.spyOn(Date, 'now').mockReturnValue(before - 86_400_000);
    try {
      await publish(second);
    } finally {
      clock.mockRestore();
    }
    expect(dateOf(await inRelease())).toBe(before);
  });

  it('refuses a link in the place of a package, and a file it does not know', async () => {
    const link = join(home, 'demo_1.0-1_amd64.deb');
    await symlink(join(packages, 'first', 'demo_1.0-1_amd64.deb'), link);
    await expect(
      registry.service.publish(registry.instance, MAIN, [link], BY),
    ).rejects.toMatchObject({ code: 'DEB.DAMAGED_PACKAGE' });
    const note = join(home, 'note.txt');
    await writeFile(note, 'x');
    await expect(
      registry.service.publish(registry.instance, MAIN, [...first.files, note], BY),
    ).rejects.toMatchObject({
      code: 'DEB.UNEXPECTED_FILE',
      message: expect.stringContaining('note.txt'),
    });
  });

  it('refuses a truncated package, naming it', async () => {
    const whole = await readFile(join(packages, 'first', 'demo_1.0-1_amd64.deb'));
    const broken = join(home, 'demo_1.0-1_amd64.deb');
    await writeFile(broken, whole.subarray(0, whole.length - 200));
    await expect(
      registry.service.publish(registry.instance, MAIN, [broken], BY),
    ).rejects.toMatchObject({
      code: 'DEB.DAMAGED_PACKAGE',
      message: expect.stringContaining('demo_1.0-1_amd64.deb'),
    });
  });
});

describe('reindexing', () => {
  it('restores equal answers from the files when the database is lost', async () => {
    await publish(first);
    await publish(second, EXTRA);
    const answers = () =>
      Promise.all([
        listing(),
        listing(EXTRA),
        registry.service.changelog(registry.instance, MAIN, 'src', 'libdemo'),
        registry.service.content(registry.instance, EXTRA, 'x86_64', 'demo'),
      ]);
    const before = await answers();
    await registry.close();
    await rm(join(home, 'state'), { recursive: true });
    registry = await openRegistry(home, signer);
    await expect(publish(second)).rejects.toMatchObject({ code: 'REGISTRY.NEEDS_REINDEX' });
    await registry.service.reindex(registry.instance, 'deb', BY);
    expect(await answers()).toEqual(before);
    const apt = await client();
    await apt.update();
    expect(await apt.cache('policy', 'demo')).toMatch(/Candidate: 1\.0-2/);
  });

  it('restores a removed index from what the database knows', async () => {
    await publish(first);
    await rm(join(registry.root, 'dists'), { recursive: true });
    const before = await listing();
    await registry.service.reindex(registry.instance, 'deb', BY);
    expect(await listing()).toEqual(before);
    await (await client()).update();
  });

  it('leaves out a package whose file is gone, says so, and keeps who published the others', async () => {
    await publish(first);
    await unlink(join(registry.root, 'pool/main/libd/libdemo/demo_1.0-1_amd64.deb'));
    const said: string[] = [];
    const journal = { log: (_level: string, message: string) => void said.push(message) };
    await registry.service.reindex(registry.instance, 'deb', { task: 't2', user: 'bob', journal });
    expect((await listing()).map(({ name }) => name)).toEqual(['demo-data', 'libdemo']);
    expect(said.join('\n')).toMatch(/Left out of the index: .*demo_1\.0-1_amd64\.deb/);
    const rows: unknown = await registry.database.dataSource.query(
      'SELECT DISTINCT task, user FROM registry_packages',
    );
    expect(rows).toEqual([{ task: 'task-1', user: 'ada' }]);
  });
});
