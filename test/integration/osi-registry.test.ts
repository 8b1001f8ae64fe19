import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '@fatbuildr/processes';
import { digestFile } from '@fatbuildr/registries';
import {
  demoInstance,
  filesOf,
  openRegistry,
  TestSigner,
  type TestRegistry,
} from './support/test-registry';

jest.setTimeout(120_000);

const MAIN = { format: 'osi', distribution: 'images', derivative: 'main' };
const EXTRA = { ...MAIN, derivative: 'extra' };
const BY = { task: 'task-1', user: 'ada' };

const instance = demoInstance();

let built: string;
let signer: TestSigner;
let home: string;
let root: string;
let registry: TestRegistry;
let first: string[];
let second: string[];
let other: string[];

beforeAll(async () => {
  built = await mkdtemp(join(tmpdir(), 'fatbuildr-images-'));
  first = await images('first', '1.0-0');
  second = await images('second', '1.0-0+build1');
  other = await images('other', '1.0-0', 'goodbye');
  signer = await TestSigner.create(join(built, 'keyring'));
});
afterAll(() => rm(built, { recursive: true }));

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'fatbuildr-osi-registry-'));
  root = join(home, 'registry', 'acme', 'osi');
  registry = await openRegistry(home, signer);
  signer.failing = false;
});
afterEach(async () => {
  await registry.close();
  await rm(home, { recursive: true });
});

/** What a build leaves: descriptions, the definition, a tar archive, a disk image and its manifest. */
async function images(folder: string, version: string, greeting = 'hello'): Promise<string[]> {
  const place = join(built, folder);
  const base = `demo_${version}`;
  await mkdir(join(place, 'tree/etc'), { recursive: true });
  await writeFile(join(place, 'tree/etc/hostname'), greeting);
  await symlink('hostname', join(place, 'tree/etc/name'));
  const tar = ['tar', '--create', '--zstd', '--sort=name', '--mtime=@0', '--file'] as const;
  await run([...tar, join(place, `${base}.tar.zst`), '--directory', join(place, 'tree'), '.']);
  await writeFile(join(place, `demo-debug_${version}.raw`), 'a disk');
  await writeFile(join(place, `${base}.manifest`), '{}');
  await writeFile(join(place, `${base}.definition.tar.xz`), 'RootPassword=secret');
  const files = [join(place, `${base}.definition.tar.xz`)];
  for (const [architecture, own] of [
    ['src', []],
    ['x86_64', [`${base}.manifest`, `${base}.tar.zst`, `demo-debug_${version}.raw`]],
  ] as const) {
    const digests = await Promise.all(
      own.map(async (name) => [name, (await digestFile(join(place, name))).sha256]),
    );
    const changelog = [{ version, author: 'Ada <ada@acme.example>', date: 1, changes: ['Hi'] }];
    const infix = architecture === 'src' ? '' : `.${architecture}`;
    const description = join(place, `${base}${infix}.json`);
    await writeFile(
      description,
      JSON.stringify({
        ...{ name: 'demo', architecture, version, changelog },
        files: Object.fromEntries(digests) as object,
      }),
    );
    files.push(description, ...own.map((name) => join(place, name)));
  }
  return files;
}

const publish = (files: readonly string[], place = MAIN) =>
  registry.service.publish(instance, place, files, BY);

const listing = async (place = MAIN) =>
  (await registry.service.artifacts(instance, place)).map(
    ({ architecture, version }) => `${version} ${architecture}`,
  );

/** What clients are told to do, word for word but for where their keys lie. @returns sha256sum's output */
async function fetchAndVerify(name: string, place = MAIN): Promise<string> {
  const folder = join(home, name);
  await mkdir(folder);
  const key = await signer.export(instance);
  const client = { ...place, instance, uri: `file://${root}`, key, package: 'demo' };
  const setup = (await registry.service.clientSetup(client))!;
  const here = (text: string) => text.replaceAll('/usr/share/keyrings', folder);
  await writeFile(here(setup.file), setup.content);
  const { stdout } = await run(['sh', '-euc', ['set -e', ...setup.commands].map(here).join('\n')], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder },
  });
  return stdout.toString('utf8');
}

const namesOf = (version: string) => [
  `demo-debug_${version}.raw`,
  ...['json', 'manifest', 'tar.zst', 'x86_64.json'].map((rest) => `demo_${version}.${rest}`),
];

describe('published images', () => {
  it('are fetched and verified by gpgv and sha256sum with the commands clients are given', async () => {
    await publish(first);
    await publish(second);
    await publish(second, EXTRA);
    expect((await fetchAndVerify('client')).trim().split('\n').sort()).toEqual(
      [...namesOf('1.0-0'), ...namesOf('1.0-0+build1')].map((name) => `${name}: OK`).sort(),
    );
    expect((await fetchAndVerify('extra', EXTRA)).trim().split('\n').sort()).toEqual(
      namesOf('1.0-0+build1').map((name) => `${name}: OK`),
    );
  });

  it('are all listed in sums that gpg checks as systemd-sysupdate does', async () => {
    await publish(first);
    await publish(second);
    const folder = join(root, 'images/main');
    const home = await mkdtemp(join(built, 'gnupg-'));
    await chmod(home, 0o700);
    await run(['gpg', '--homedir', home, '--batch', '--import', join(root, 'keyring.asc')]);
    await run(
      [
        ...(['gpg', '--homedir', home, '--batch', '--trust-model', 'always'] as const),
        ...['--verify', 'SHA256SUMS.gpg', 'SHA256SUMS'],
      ],
      { cwd: folder },
    );
    await run(['sha256sum', '--check', '--strict', 'SHA256SUMS'], { cwd: folder });
    const listed = (await readFile(join(folder, 'SHA256SUMS'), 'utf8')).match(/(?<= {2})\S+$/gm);
    expect(listed).toEqual(await filesOf(folder));
  });

  it('leave out the definition, which may hold secrets', async () => {
    await publish(first);
    expect((await filesOf(root)).join()).not.toContain('definition');
  });

  it('are refused by gpgv when the sums are changed by hand', async () => {
    await publish(first);
    const sums = join(root, 'images/main/SHA256SUMS');
    await writeFile(sums, (await readFile(sums, 'utf8')).replace('a', 'b'));
    await expect(fetchAndVerify('client')).rejects.toThrow(/BAD signature/);
  });

  it('fail the check of digests when a file is changed by hand', async () => {
    await publish(first);
    await writeFile(join(root, 'images/main/demo-debug_1.0-0.raw'), 'changed');
    await expect(fetchAndVerify('client')).rejects.toThrow(/did NOT match/);
  });

  it('are listed with changelog and the content of the archive', async () => {
    await publish(first);
    expect(await listing()).toEqual(['1.0-0 src', '1.0-0 x86_64']);
    expect(await registry.service.changelog(instance, MAIN, 'x86_64', 'demo')).toEqual([
      { version: '1.0-0', author: 'Ada <ada@acme.example>', date: 1, changes: ['Hi'] },
    ]);
    expect(await registry.service.content(instance, MAIN, 'x86_64', 'demo')).toEqual([
      { path: '/etc', type: 'd', size: 0 },
      { path: '/etc/hostname', type: 'f', size: 5 },
      { path: '/etc/name', type: 'l', size: 0 },
    ]);
    expect(await registry.service.artifactSource(instance, MAIN, 'demo')).toMatchObject({
      architecture: 'src',
    });
  });

  it('are refused under the same version with other content, and stay as they were', async () => {
    await publish(first);
    const sums = join(root, 'images/main/SHA256SUMS');
    const before = await readFile(sums, 'utf8');
    await expect(publish(other)).rejects.toMatchObject({
      message: expect.stringMatching(/demo 1\.0-0 \(x86_64\)/) as string,
    });
    expect(await readFile(sums, 'utf8')).toBe(before);
    expect(await publish(first)).toEqual([]);
  });

  it('leave nothing behind when the sums cannot be signed', async () => {
    signer.failing = true;
    await expect(publish(first)).rejects.toThrow('the keyring is on strike');
    expect(await filesOf(root)).toEqual([]);
    signer.failing = false;
    await publish(first);
    const before = await filesOf(root);
    signer.failing = true;
    await expect(publish(second)).rejects.toThrow('the keyring is on strike');
    expect(await filesOf(root)).toEqual(before);
    expect(await fetchAndVerify('client')).toContain('demo_1.0-0.tar.zst: OK');
  });

  it('go with their files and sums when they are deleted', async () => {
    await publish(first);
    await publish(second);
    const source = { name: 'demo', architecture: 'src', version: '1.0-0' };
    const removed = await registry.service.delete(instance, MAIN, source, BY);
    expect(removed.map(({ architecture }) => architecture)).toEqual(['src', 'x86_64']);
    expect(await listing()).toEqual(['1.0-0+build1 src', '1.0-0+build1 x86_64']);
    expect(existsSync(join(root, 'images/main/demo_1.0-0.tar.zst'))).toBe(false);
    expect((await fetchAndVerify('client')).trim().split('\n').sort()).toEqual(
      namesOf('1.0-0+build1').map((name) => `${name}: OK`),
    );
  });
});

describe('files that are no images', () => {
  it('names a file that no description lists', async () => {
    const stray = join(home, 'stray.raw');
    await writeFile(stray, '');
    await expect(publish([...first, stray])).rejects.toMatchObject({
      code: 'OSI.UNEXPECTED_FILE',
      message: expect.stringContaining(stray) as string,
    });
    expect(await filesOf(root)).toEqual([]);
  });

  it.each<[string, (text: string) => string, RegExp]>([
    [
      'leads elsewhere',
      (text) => text.replace('demo_1', '../demo_1'),
      /no description of a package/,
    ],
    ['has another name', (text) => text.replace('"demo"', '"other"'), /should be called other_1/],
    [
      'lists what belongs to another artifact',
      (text) => text.replace('demo_1.0-0.tar.zst', 'other_1.0-0.tar.zst'),
      /lists other_1\.0-0\.tar\.zst, which is not called demo_1\.0-0\.\*/,
    ],
  ])('names a description that %s', async (_what, change, reason) => {
    const description = join(home, 'demo_1.0-0.x86_64.json');
    const text = await readFile(join(built, 'first/demo_1.0-0.x86_64.json'), 'utf8');
    await writeFile(description, change(text));
    await expect(publish([description])).rejects.toMatchObject({
      code: 'OSI.DAMAGED',
      message: expect.stringMatching(reason) as string,
    });
  });
});

describe('reindexing', () => {
  const reindex = (journal?: { log: (level: string, message: string) => void }) =>
    registry.service.reindex(instance, 'osi', { ...BY, journal });

  it('restores sums that were removed by hand', async () => {
    await publish(first);
    await rm(join(root, 'images/.sums'), { recursive: true });
    await rm(join(root, 'images/main/SHA256SUMS'));
    await reindex();
    expect(await listing()).toEqual(['1.0-0 src', '1.0-0 x86_64']);
    expect(await fetchAndVerify('client')).toContain('demo_1.0-0.tar.zst: OK');
  });

  it('restores the rows of a lost database', async () => {
    await publish(first);
    await publish(second, EXTRA);
    await registry.close();
    await rm(join(home, 'state'), { recursive: true });
    registry = await openRegistry(home, signer);
    await reindex();
    expect(await listing()).toEqual(['1.0-0 src', '1.0-0 x86_64']);
    expect(await listing(EXTRA)).toEqual(['1.0-0+build1 src', '1.0-0+build1 x86_64']);
  });

  it('leaves out images of which a file was replaced by a link, and says so', async () => {
    await publish(first);
    const image = join(root, 'images/main/demo-debug_1.0-0.raw');
    await rm(image);
    await symlink('/etc/passwd', image);
    const said: string[] = [];
    await reindex({ log: (_level, message) => void said.push(message) });
    expect(said.join('\n')).toMatch(/demo-debug_1\.0-0\.raw: it is not a regular file/);
    expect(await listing()).toEqual(['1.0-0 src']);
    expect(await fetchAndVerify('client')).not.toContain('debug');
  });

  it('mends at start what does not fit the database, a missing link too', async () => {
    await publish(first);
    await rm(join(root, 'images/extra/SHA256SUMS.gpg'));
    expect(await registry.service.recover(instance, BY)).toEqual(['osi images']);
    expect(await registry.service.recover(instance, BY)).toEqual([]);
    await fetchAndVerify('client');
  });
});
