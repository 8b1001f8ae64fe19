import { createServer, type Server } from 'node:http';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '@fatbuildr/processes';
import { AptClient } from './apt-registry/apt-client';
import { buildDemo, type DemoPackages } from './apt-registry/demo-packages';
import { openRegistry, TestSigner, type TestRegistry } from './support/test-registry';

jest.setTimeout(120_000);

const MAIN = { format: 'deb', distribution: 'bookworm', derivative: 'main' };
const EXTRA = { ...MAIN, derivative: 'extra' };
const BY = { task: 'task-1', user: 'ada' };

let packages: string;
let first: DemoPackages;
let second: DemoPackages;
let other: DemoPackages;
let signer: TestSigner;
let home: string;
let registry: TestRegistry;

beforeAll(async () => {
  packages = await mkdtemp(join(tmpdir(), 'fatbuildr-apt-packages-'));
  first = await buildDemo(join(packages, 'first'), { version: '1.0-1' });
  second = await buildDemo(join(packages, 'second'), { version: '1.0-2', compression: 'zstd' });
  other = await buildDemo(join(packages, 'other'), {
    version: '1.0-1',
    greeting: 'goodbye',
    compression: 'gzip',
  });
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

describe('a published source with its binaries', () => {
  it('is installed, downloaded and unpacked by apt with nothing but the served sources file', async () => {
    await publish(first);
    const apt = await client();
    await apt.update();
    expect(await apt.get('install', '--download-only', 'demo')).toMatch(/demo-data .*1\.0-1/);
    await apt.get('download', 'demo', 'demo-data');
    await apt.get('source', 'libdemo');
    const files = await readdir(apt.downloads);
    expect(files).toEqual(
      expect.arrayContaining([
        'demo_1.0-1_amd64.deb',
        'demo-data_1.0-1_all.deb',
        'libdemo_1.0-1.dsc',
        'libdemo-1.0',
      ]),
    );
    expect(await readFile(join(apt.downloads, 'demo_1.0-1_amd64.deb'))).toEqual(
      await readFile(join(packages, 'first', 'demo_1.0-1_amd64.deb')),
    );
  });

  it('shows the packages for all architectures to a client of another architecture', async () => {
    await publish(first);
    const sources = await readFile(join(registry.root, 'dists/bookworm/deb.sources'), 'utf8');
    const apt = await AptClient.create(join(home, 'arm'), sources, ['arm64']);
    await apt.update();
    expect(await apt.cache('pkgnames')).toBe('demo-data\n');
  });

  it('is listed with its relations, changelog and content', async () => {
    await publish(first);
    const { service, instance } = registry;
    const artifacts = await listing();
    expect(
      artifacts.map(({ name, architecture, version }) => [name, architecture, version]),
    ).toEqual([
      ['demo', 'x86_64', '1.0-1'],
      ['demo-data', 'noarch', '1.0-1'],
      ['libdemo', 'src', '1.0-1'],
    ]);
    expect(artifacts.every(({ size }) => size > 500)).toBe(true);
    expect(
      (await service.artifactBinaries(instance, MAIN, 'libdemo')).map(({ name }) => name),
    ).toEqual(['demo', 'demo-data']);
    expect(await service.artifactSource(instance, MAIN, 'demo-data')).toMatchObject({
      name: 'libdemo',
      architecture: 'src',
    });
    const changelog = [
      {
        version: '1.0-1',
        author: 'Ada Lovelace <ada@acme.example>',
        date: Date.UTC(2026, 0, 1, 9) / 1000,
        changes: ['Say hello\nand mean it', 'Package for Ångström'],
      },
      expect.objectContaining({ version: '0.9-1', changes: ['First release'] }),
    ];
    expect(await service.changelog(instance, MAIN, 'x86_64', 'demo')).toEqual(changelog);
    expect(await service.latestChangelog(instance, MAIN, 'libdemo')).toEqual(changelog);
    expect(await service.content(instance, MAIN, 'noarch', 'demo-data')).toEqual(
      expect.arrayContaining([
        { path: '/usr/bin', type: 'd', size: 0 },
        { path: '/usr/bin/demo-data', type: 'f', size: 21 },
        { path: '/usr/bin/demo-data-link', type: 'l', size: 0 },
      ]),
    );
    expect(await service.search(instance, 'DEMO-d')).toEqual([{ ...MAIN, artifact: artifacts[1] }]);
    const [publication] = await service.publications(instance, MAIN);
    expect(publication).toMatchObject({ action: 'publish', task: 'task-1', user: 'ada' });
  });

  it('has the digests apt-ftparchive computes, and no weaker ones', async () => {
    await publish(first);
    const oracle = await run(['apt-ftparchive', 'packages', 'pool/main'], { cwd: registry.root });
    const ours = await readFile(
      join(registry.root, 'dists/bookworm/main/binary-amd64/Packages'),
      'utf8',
    );
    const facts = (text: string) =>
      [...text.matchAll(/^(?:Package|Version|Filename|Size|SHA256|SHA512): .*$/gm)]
        .map(([line]) => line)
        .sort();
    expect(facts(ours)).toEqual(facts(oracle.stdout.toString()));
    expect(`${ours}${await inRelease()}`).not.toMatch(/^(MD5|SHA1)/im);
  });

  it('is signed so that gpgv accepts InRelease and Release.gpg', async () => {
    await publish(first);
    const keyring = join(home, 'keyring.gpg');
    await run([
      'gpg',
      '--homedir',
      home,
      '--batch',
      '--dearmor',
      '-o',
      keyring,
      join(registry.root, 'keyring.asc'),
    ]);
    const dist = join(registry.root, 'dists/bookworm');
    await run(['gpgv', '--keyring', keyring, join(dist, 'InRelease')]);
    await run(['gpgv', '--keyring', keyring, join(dist, 'Release.gpg'), join(dist, 'Release')]);
  });
});

describe('publishing again', () => {
  it('offers the new version and keeps the old one', async () => {
    await publish(first);
    await publish(second);
    const apt = await client();
    await apt.update();
    const policy = await apt.cache('policy', 'demo');
    expect(policy).toMatch(/Candidate: 1\.0-2/);
    expect(policy).toMatch(/ 1\.0-1 /);
    const { service, instance } = registry;
    expect(await service.publishedVersions(instance, MAIN, 'libdemo')).toEqual(['1.0-1', '1.0-2']);
    expect((await service.latestChangelog(instance, MAIN, 'libdemo'))[0]?.version).toBe('1.0-2');
  });

  it('changes nothing when the content is the same', async () => {
    await publish(first);
    const before = await inRelease();
    expect(await publish(first)).toEqual([]);
    expect(await inRelease()).toBe(before);
  });

  it('refuses the same version with other content, and names it', async () => {
    await publish(first);
    const before = await inRelease();
    await expect(publish(other)).rejects.toMatchObject({
      code: 'REGISTRY.ALREADY_PUBLISHED',
      message: expect.stringMatching(/bookworm\/main already holds libdemo 1\.0-1 \(src\)/),
    });
    expect(await inRelease()).toBe(before);
    const trixie = { ...MAIN, distribution: 'trixie' };
    await expect(publish(other, trixie)).rejects.toMatchObject({
      code: 'REGISTRY.FILE_CONFLICT',
      message: expect.stringMatching(/pool\/main\/libd\/libdemo\/libdemo_1\.0-1\..* bookworm/),
    });
    expect(await listing(trixie)).toEqual([]);
  });

  it('shares the files of a source between distributions, until the last one lets go', async () => {
    const trixie = { ...MAIN, distribution: 'trixie' };
    await publish(first);
    await publish(first, trixie);
    const source = { name: 'libdemo', architecture: 'src', version: '1.0-1' };
    await registry.service.delete(registry.instance, MAIN, source, BY);
    const apt = await AptClient.create(
      join(home, 'trixie'),
      await readFile(join(registry.root, 'dists/trixie/deb.sources'), 'utf8'),
    );
    await apt.update();
    await apt.get('download', 'demo');
    await registry.service.delete(registry.instance, trixie, source, BY);
    expect(await readdir(registry.root)).not.toContain('pool');
  });

  it('publishes in the component of the derivative, which clients choose', async () => {
    await publish(first);
    await publish(second, EXTRA);
    const apt = await client();
    await apt.update();
    expect(await apt.cache('policy', 'demo')).toMatch(/Candidate: 1\.0-2[^]*bookworm\/extra/);
    const plain = await AptClient.create(
      join(home, 'plain'),
      await readFile(join(registry.root, 'dists/bookworm/deb.sources'), 'utf8'),
    );
    await plain.update();
    expect(await plain.cache('policy', 'demo')).toMatch(/Candidate: 1\.0-1/);
  });
});

describe('over HTTP', () => {
  let server: Server;
  let asked: string[];

  beforeEach(async () => {
    asked = [];
    server = createServer((request, response) => {
      const path = decodeURIComponent(request.url ?? '');
      asked.push(path);
      readFile(join(home, 'registry', path)).then(
        (content) => response.end(content),
        () => response.writeHead(404).end(),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    await registry.close();
    const { port } = server.address() as AddressInfo;
    registry = await openRegistry(home, signer, {
      url: `http://127.0.0.1:${port}/`,
      validity: 3_600_000,
    });
  });

  afterEach(() => new Promise((resolve) => server.close(resolve)));

  it('gives apt every index by its digest and never a 404', async () => {
    await publish(first);
    const apt = await client();
    const output = await apt.update();
    expect(output).not.toMatch(/Ign|404/);
    const indices = asked.filter((path) => /main|extra/.test(path));
    expect(indices.length).toBeGreaterThan(0);
    expect(indices.filter((path) => !path.includes('/by-hash/'))).toEqual([]);
    expect(await inRelease()).toMatch(/^Valid-Until: /m);
  });

  it('keeps serving a client that holds the InRelease of two publications ago', async () => {
    await publish(first);
    const old = await inRelease();
    await publish(second);
    await registry.service.delete(
      registry.instance,
      MAIN,
      { name: 'demo-data', architecture: 'noarch', version: '1.0-2' },
      BY,
    );
    await writeFile(join(registry.root, 'dists/bookworm/InRelease'), old);
    const apt = await client();
    await apt.update();
    expect(await apt.cache('policy', 'demo')).toMatch(/Candidate: 1\.0-1/);
  });
});

it('is a source of build dependencies once something is published', async () => {
  const { apt, instance, root } = registry;
  expect(await apt.sourceFor(instance, 'bookworm', 'extra')).toBeUndefined();
  await publish(first);
  expect(await apt.sourceFor(instance, 'bookworm', 'extra')).toEqual({
    folder: root,
    suite: 'bookworm',
    components: ['extra', 'main'],
    keyring: join(root, 'keyring.asc'),
  });
});

it('keeps three generations of an index by digest, and of others what is served', async () => {
  const source = { name: 'libdemo', architecture: 'src', version: '1.0-2' };
  const binary = { name: 'demo', architecture: 'x86_64', version: '1.0-1' };
  const other = { name: 'demo-data', architecture: 'noarch', version: '1.0-1' };
  await publish(first);
  await publish(second);
  for (const artifact of [source, binary, other]) {
    await registry.service.delete(registry.instance, MAIN, artifact, BY);
  }
  const hashes = (part: string) =>
    readdir(join(registry.root, 'dists/bookworm', part, 'by-hash/SHA256'));
  // Plain, gzip and xz of each generation; five were published.
  expect(await hashes('main/binary-amd64')).toHaveLength(9);
  expect(await hashes('extra/binary-amd64')).toHaveLength(3);
  const served = [...(await inRelease()).matchAll(/^ ([0-9a-f]{64}) +\d+ main\/binary-amd64/gm)];
  expect(served).toHaveLength(3);
  expect(await hashes('main/binary-amd64')).toEqual(
    expect.arrayContaining(served.map(([, digest]) => digest)),
  );
});

describe('deleting', () => {
  it('takes a source with its binaries out of the index and the pool', async () => {
    await publish(first);
    await publish(second);
    const removed = await registry.service.delete(
      registry.instance,
      MAIN,
      { name: 'libdemo', architecture: 'src', version: '1.0-2' },
      BY,
    );
    expect(removed.map(({ name }) => name).sort()).toEqual(['demo', 'demo-data', 'libdemo']);
    const apt = await client();
    await apt.update();
    expect(await apt.cache('policy', 'demo')).toMatch(/Candidate: 1\.0-1/);
    await apt.get('source', 'libdemo');
    const pool = await readdir(join(registry.root, 'pool/main/libd/libdemo'));
    expect(pool.filter((name) => name.includes('1.0-2'))).toEqual([]);
    expect(pool).toContain('libdemo_1.0.orig.tar.xz');
  });

  it('leaves an empty, valid index behind', async () => {
    await publish(first);
    const source = { name: 'libdemo', architecture: 'src', version: '1.0-1' };
    await registry.service.delete(registry.instance, MAIN, source, BY);
    const apt = await client();
    await apt.update();
    expect(await apt.cache('pkgnames')).toBe('');
  });

  it.each([
    [
      'REGISTRY.UNKNOWN_ARTIFACT',
      { name: 'ghost' },
      /no artifact "ghost", existing: demo, demo-data, libdemo/,
    ],
    ['REGISTRY.UNKNOWN_ARCHITECTURE', { architecture: 'aarch64' }, /"aarch64", existing: x86_64/],
    [
      'REGISTRY.UNKNOWN_VERSION',
      { version: '7' },
      /no version "7" of demo \(x86_64\), existing: 1\.0-1/,
    ],
  ])('refuses with %s and says what exists', async (code, change, message) => {
    await publish(first);
    const artifact = { name: 'demo', architecture: 'x86_64', version: '1.0-1', ...change };
    await expect(
      registry.service.delete(registry.instance, MAIN, artifact, BY),
    ).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });
});

describe('unknown places', () => {
  it.each([
    ['REGISTRY.UNKNOWN_FORMAT', { format: 'none' }, /"none", existing: deb/],
    ['REGISTRY.UNKNOWN_DISTRIBUTION', { distribution: 'sid' }, /"sid", existing: bookworm, trixie/],
    ['REGISTRY.UNKNOWN_DERIVATIVE', { derivative: 'none' }, /"none", existing: main, extra/],
  ])('are refused with %s', async (code, change, message) => {
    await expect(listing({ ...MAIN, ...change })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });
});
