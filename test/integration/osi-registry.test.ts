import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '@fatbuildr/processes';
import { BY, PlainRegistry } from './support/plain-registry';
import { filesOf } from './support/test-registry';

jest.setTimeout(120_000);

const MAIN = { format: 'osi', distribution: 'images', derivative: 'main' };
const EXTRA = { ...MAIN, derivative: 'extra' };

const at = new PlainRegistry(MAIN, 'demo');

let first: string[];
let second: string[];
let other: string[];

beforeAll(async () => {
  first = await images('first', '1.0-0');
  second = await images('second', '1.0-0+build1');
  other = await images('other', '1.0-0', 'goodbye');
});

/** What a build leaves: descriptions, the definition, a tar archive, a disk image and its manifest. */
async function images(folder: string, version: string, greeting = 'hello'): Promise<string[]> {
  const place = join(at.built, folder);
  const base = `demo_${version}`;
  await mkdir(join(place, 'tree/etc'), { recursive: true });
  await writeFile(join(place, 'tree/etc/hostname'), greeting);
  await symlink('hostname', join(place, 'tree/etc/name'));
  const tar = ['tar', '--create', '--zstd', '--sort=name', '--mtime=@0', '--file'] as const;
  await run([...tar, join(place, `${base}.tar.zstd`), '--directory', join(place, 'tree'), '.']);
  await writeFile(join(place, `demo-debug_${version}.raw`), 'a disk');
  await writeFile(join(place, `${base}.manifest`), '{}');
  await writeFile(join(place, `${base}.definition.tar.xz`), 'RootPassword=secret');
  const files = [join(place, `${base}.definition.tar.xz`)];
  for (const [architecture, own] of [
    ['src', []],
    ['x86_64', [`${base}.manifest`, `${base}.tar.zstd`, `demo-debug_${version}.raw`]],
  ] as const) {
    const infix = architecture === 'src' ? '' : `.${architecture}`;
    const description = join(place, `${base}${infix}.json`);
    const paths = own.map((name) => join(place, name));
    files.push(...(await at.describe(description, architecture, version, paths)));
  }
  return files;
}

const namesOf = (version: string) => [
  `demo-debug_${version}.raw`,
  ...['json', 'manifest', 'tar.zstd', 'x86_64.json'].map((rest) => `demo_${version}.${rest}`),
];

describe('published images', () => {
  it('are fetched and verified by gpgv and sha256sum with the commands clients are given', async () => {
    await at.publish(first);
    await at.publish(second);
    await at.publish(second, EXTRA);
    expect((await at.fetchAndVerify()).trim().split('\n').sort()).toEqual(
      [...namesOf('1.0-0'), ...namesOf('1.0-0+build1')].map((name) => `${name}: OK`).sort(),
    );
    expect((await at.fetchAndVerify('extra', EXTRA)).trim().split('\n').sort()).toEqual(
      namesOf('1.0-0+build1').map((name) => `${name}: OK`),
    );
  });

  it('are all listed in sums that gpg checks as systemd-sysupdate does', async () => {
    await at.publish(first);
    await at.publish(second);
    const folder = join(at.root, 'images/main');
    const home = await mkdtemp(join(at.built, 'gnupg-'));
    await chmod(home, 0o700);
    await run(['gpg', '--homedir', home, '--batch', '--import', join(at.root, 'keyring.asc')]);
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
    await at.publish(first);
    expect((await filesOf(at.root)).join()).not.toContain('definition');
  });

  it('are refused by gpgv when the sums are changed by hand', async () => {
    await at.publish(first);
    const sums = join(at.root, 'images/main/SHA256SUMS');
    await writeFile(sums, (await readFile(sums, 'utf8')).replace('a', 'b'));
    await expect(at.fetchAndVerify()).rejects.toThrow(/BAD signature/);
  });

  it('fail the check of digests when a file is changed by hand', async () => {
    await at.publish(first);
    await writeFile(join(at.root, 'images/main/demo-debug_1.0-0.raw'), 'changed');
    await expect(at.fetchAndVerify()).rejects.toThrow(/did NOT match/);
  });

  it('are listed with changelog and the content of the archive', async () => {
    await at.publish(first);
    expect(await at.listing()).toEqual(['1.0-0 src', '1.0-0 x86_64']);
    expect(await at.service.changelog(at.instance, MAIN, 'x86_64', 'demo')).toEqual([
      { version: '1.0-0', author: 'Ada <ada@acme.example>', date: 1, changes: ['Hi'] },
    ]);
    expect(await at.service.content(at.instance, MAIN, 'x86_64', 'demo')).toEqual([
      { path: '/etc', type: 'd', size: 0 },
      { path: '/etc/hostname', type: 'f', size: 5 },
      { path: '/etc/name', type: 'l', size: 0 },
    ]);
    expect(await at.service.artifactSource(at.instance, MAIN, 'demo')).toMatchObject({
      architecture: 'src',
    });
  });

  it('are refused under the same version with other content, and stay as they were', async () => {
    await at.publish(first);
    const sums = join(at.root, 'images/main/SHA256SUMS');
    const before = await readFile(sums, 'utf8');
    await expect(at.publish(other)).rejects.toMatchObject({
      message: expect.stringMatching(/demo 1\.0-0 \(x86_64\)/) as string,
    });
    expect(await readFile(sums, 'utf8')).toBe(before);
    expect(await at.publish(first)).toEqual([]);
  });

  it('leave nothing behind when the sums cannot be signed', async () => {
    at.signer.failing = true;
    await expect(at.publish(first)).rejects.toThrow('the keyring is on strike');
    expect(await filesOf(at.root)).toEqual([]);
    at.signer.failing = false;
    await at.publish(first);
    const before = await filesOf(at.root);
    at.signer.failing = true;
    await expect(at.publish(second)).rejects.toThrow('the keyring is on strike');
    expect(await filesOf(at.root)).toEqual(before);
    expect(await at.fetchAndVerify()).toContain('demo_1.0-0.tar.zstd: OK');
  });

  it('go with their files and sums when they are deleted', async () => {
    await at.publish(first);
    await at.publish(second);
    const source = { name: 'demo', architecture: 'src', version: '1.0-0' };
    const removed = await at.service.delete(at.instance, MAIN, source, BY);
    expect(removed.map(({ architecture }) => architecture)).toEqual(['src', 'x86_64']);
    expect(await at.listing()).toEqual(['1.0-0+build1 src', '1.0-0+build1 x86_64']);
    expect(existsSync(join(at.root, 'images/main/demo_1.0-0.tar.zstd'))).toBe(false);
    expect((await at.fetchAndVerify()).trim().split('\n').sort()).toEqual(
      namesOf('1.0-0+build1').map((name) => `${name}: OK`),
    );
  });
});

describe('files that are no images', () => {
  it('names a file that no description lists', async () => {
    const stray = join(at.home, 'stray.raw');
    await writeFile(stray, '');
    await expect(at.publish([...first, stray])).rejects.toMatchObject({
      code: 'OSI.UNEXPECTED_FILE',
      message: expect.stringContaining(stray) as string,
    });
    expect(await filesOf(at.root)).toEqual([]);
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
      (text) => text.replace('demo_1.0-0.tar.zstd', 'other_1.0-0.tar.zstd'),
      /lists other_1\.0-0\.tar\.zstd, which is not called demo_1\.0-0\.\*/,
    ],
  ])('names a description that %s', async (_what, change, reason) => {
    const description = join(at.home, 'demo_1.0-0.x86_64.json');
    const text = await readFile(join(at.built, 'first/demo_1.0-0.x86_64.json'), 'utf8');
    await writeFile(description, change(text));
    await expect(at.publish([description])).rejects.toMatchObject({
      code: 'OSI.DAMAGED',
      message: expect.stringMatching(reason) as string,
    });
  });
});

describe('reindexing', () => {
  it('restores sums that were removed by hand', async () => {
    await at.publish(first);
    await rm(join(at.root, 'images/.sums'), { recursive: true });
    await rm(join(at.root, 'images/main/SHA256SUMS'));
    await at.reindex();
    expect(await at.listing()).toEqual(['1.0-0 src', '1.0-0 x86_64']);
    expect(await at.fetchAndVerify()).toContain('demo_1.0-0.tar.zstd: OK');
  });

  it('restores the rows of a lost database', async () => {
    await at.publish(first);
    await at.publish(second, EXTRA);
    await at.loseDatabase();
    await at.reindex();
    expect(await at.listing()).toEqual(['1.0-0 src', '1.0-0 x86_64']);
    expect(await at.listing(EXTRA)).toEqual(['1.0-0+build1 src', '1.0-0+build1 x86_64']);
  });

  it('leaves out images of which a file was replaced by a link, and says so', async () => {
    await at.publish(first);
    const image = join(at.root, 'images/main/demo-debug_1.0-0.raw');
    await rm(image);
    await symlink('/etc/passwd', image);
    expect(await at.reindex()).toMatch(/demo-debug_1\.0-0\.raw: it is not a regular file/);
    expect(await at.listing()).toEqual(['1.0-0 src']);
    expect(await at.fetchAndVerify()).not.toContain('debug');
  });

  it('mends at start what does not fit the database, a missing link too', async () => {
    await at.publish(first);
    await rm(join(at.root, 'images/extra/SHA256SUMS.gpg'));
    expect(await at.service.recover(at.instance, BY)).toEqual(['osi images']);
    expect(await at.service.recover(at.instance, BY)).toEqual([]);
    await at.fetchAndVerify();
  });
});
