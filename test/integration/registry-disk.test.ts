import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AptClient } from './apt-registry/apt-client';
import { buildDemo, buildTiny, type DemoPackages } from './apt-registry/demo-packages';
import { filesOf, openRegistry, TestSigner, type TestRegistry } from './support/test-registry';
import { SmallDisk } from './support/small-disk';

jest.setTimeout(120_000);

const MAIN = { format: 'deb', distribution: 'bookworm', derivative: 'main' };
const BY = { task: 'task-1', user: 'ada' };

describe('a registry on a disk with a fault', () => {
  let home: string;
  let first: DemoPackages;
  let second: DemoPackages;
  let registry: TestRegistry;
  let disk: SmallDisk;

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'fatbuildr-registry-disk-'));
    first = await buildDemo(join(home, 'first'), { version: '1.0-1' });
    second = await buildDemo(join(home, 'second'), { version: '1.0-2' });
    disk = await SmallDisk.mount(join(home, 'registry'), 4);
    registry = await openRegistry(home, await TestSigner.create(join(home, 'keyring')));
    await publish(first);
  });

  afterAll(async () => {
    await registry?.close();
    await disk?.unmount();
    await rm(home, { recursive: true });
  });

  const publish = (demo: DemoPackages) =>
    registry.service.publish(registry.instance, MAIN, demo.files, BY);
  const listing = () => registry.service.artifacts(registry.instance, MAIN);

  /** What clients see, and what they do not. */
  const state = async () => ({
    files: await filesOf(registry.root),
    release: await readFile(join(registry.root, 'dists/bookworm/InRelease'), 'utf8'),
    rows: await listing(),
  });

  async function candidate(name: string): Promise<string> {
    const sources = await readFile(join(registry.root, 'deb.sources'), 'utf8');
    const apt = await AptClient.create(join(home, name), sources);
    await apt.update();
    return apt.cache('policy', 'demo');
  }

  // From the first package that does not fit to the last file of the index, wherever that is.
  it.each([0, 1, 2, 3, 5, 8, 12, 16, 20, 24, 28].map((pages) => [pages]))(
    'that has %d pages left keeps what it serves, leaves no trace, and says why',
    async (pages) => {
      const before = await state();
      await disk.fill(pages * 4096);
      const outcome = await publish(second).then(
        () => undefined,
        (fault: unknown) => fault,
      );
      await disk.empty();
      if (outcome === undefined) {
        // It did fit: that state is as whole as the one before.
        expect(await candidate(`fitted-${pages}`)).toMatch(/Candidate: 1\.0-2/);
        const source = { name: 'libdemo', architecture: 'src', version: '1.0-2' };
        await registry.service.delete(registry.instance, MAIN, source, BY);
        return;
      }
      expect(outcome).toMatchObject({
        code: 'DISK.UNWRITABLE',
        message: expect.stringMatching(
          new RegExp(`^${registry.root}\\S* cannot be written: its disk is full, make room on it$`),
        ),
      });
      expect(await state()).toEqual(before);
    },
  );

  it('that is mounted read-only keeps what it serves, and says why', async () => {
    const before = await state();
    await disk.setReadOnly(true);
    try {
      await expect(publish(second)).rejects.toMatchObject({
        code: 'DISK.UNWRITABLE',
        message: expect.stringMatching(
          new RegExp(
            `^${registry.root}\\S* cannot be written: its file system is mounted read-only`,
          ),
        ),
      });
      const source = { name: 'libdemo', architecture: 'src', version: '1.0-1' };
      await expect(
        registry.service.delete(registry.instance, MAIN, source, BY),
      ).rejects.toMatchObject({ code: 'DISK.UNWRITABLE' });
      expect(await listing()).toEqual(before.rows);
    } finally {
      await disk.setReadOnly(false);
    }
    expect(await state()).toEqual(before);
  });

  it('publishes as soon as the fault is mended', async () => {
    await publish(second);
    expect(await candidate('mended')).toMatch(/Candidate: 1\.0-2/);
  });
});

describe('a package of another source', () => {
  let home: string;
  let registry: TestRegistry;

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'fatbuildr-registry-source-'));
    registry = await openRegistry(home, await TestSigner.create(join(home, 'keyring')));
    const { files } = await buildDemo(join(home, 'first'), { version: '1.0-1' });
    await registry.service.publish(registry.instance, MAIN, files, BY);
  });

  afterAll(async () => {
    await registry.close();
    await rm(home, { recursive: true });
  });

  const publish = (file: string) => registry.service.publish(registry.instance, MAIN, [file], BY);

  it('is refused in the same version, naming the source that has it', async () => {
    const released = await readFile(join(registry.root, 'dists/bookworm/InRelease'), 'utf8');
    await expect(publish(await buildTiny(home, 'demo', '1.0-1'))).rejects.toMatchObject({
      code: 'REGISTRY.ALREADY_PUBLISHED',
      message:
        'deb registry bookworm/main already holds demo 1.0-1 (x86_64) from source libdemo with other content; ' +
        'delete it first or publish another version',
    });
    expect(await readFile(join(registry.root, 'dists/bookworm/InRelease'), 'utf8')).toBe(released);
  });

  it('may take it over in another version, and both sources keep theirs', async () => {
    await publish(await buildTiny(home, 'demo', '2.0-1'));
    const source = await registry.service.artifactBinaries(registry.instance, MAIN, 'libdemo');
    expect(source).toContainEqual(expect.objectContaining({ name: 'demo', version: '1.0-1' }));
    const apt = await AptClient.create(
      join(home, 'client'),
      await readFile(join(registry.root, 'deb.sources'), 'utf8'),
    );
    await apt.update();
    expect(await apt.cache('policy', 'demo')).toMatch(/Candidate: 2\.0-1/);
  });
});
