import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packTree } from '@fatbuildr/artifacts';
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

const MAIN = { format: 'tarball', distribution: 'stable', derivative: 'main' };
const EXTRA = { ...MAIN, derivative: 'extra' };
const BY = { task: 'task-1', user: 'ada' };
const SUMS = 'stable/SHA256SUMS.asc';

const instance = demoInstance();

let releases: string;
let signer: TestSigner;
let home: string;
let root: string;
let registry: TestRegistry;
let first: string[];
let second: string[];
let other: string[];

beforeAll(async () => {
  releases = await mkdtemp(join(tmpdir(), 'fatbuildr-releases-'));
  first = await release('first', '1.0-1');
  second = await release('second', '1.0-2');
  other = await release('other', '1.0-1', 'goodbye');
  signer = await TestSigner.create(join(releases, 'keyring'));
});
afterAll(() => rm(releases, { recursive: true }));

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'fatbuildr-tarball-registry-'));
  root = join(home, 'registry', 'acme', 'tarball');
  registry = await openRegistry(home, signer);
  signer.failing = false;
});
afterEach(async () => {
  await registry.close();
  await rm(home, { recursive: true });
});

/** A source with its build script, and a binary archive. @returns what is to be published */
async function release(folder: string, version: string, greeting = 'hello'): Promise<string[]> {
  const results = join(releases, folder);
  const name = `hello-${version}`;
  const tree = join(results, 'tree');
  await mkdir(join(tree, 'usr/bin'), { recursive: true });
  await writeFile(join(tree, 'usr/bin/hello'), `#!/bin/sh\necho ${greeting}\n`, { mode: 0o755 });
  await symlink('hello', join(tree, 'usr/bin/hi'));
  await writeFile(join(results, `${name}.build`), '#!/bin/sh\n');
  const files = [join(results, `${name}.build`)];
  for (const architecture of ['src', 'x86_64']) {
    const base = architecture === 'src' ? name : `${name}-${architecture}`;
    await packTree(tree, join(results, `${base}.tar.xz`), { prefix: base });
    const own = architecture === 'src' ? [`${base}.tar.xz`, `${name}.build`] : [`${base}.tar.xz`];
    const digests = await Promise.all(
      own.map(async (file) => [file, (await digestFile(join(results, file))).sha256]),
    );
    const changelog = [{ version, author: 'Ada <ada@acme.example>', date: 1, changes: ['Hi'] }];
    await writeFile(
      join(results, `${base}.json`),
      JSON.stringify({
        ...{ name: 'hello', architecture, version, changelog },
        files: Object.fromEntries(digests) as object,
      }),
    );
    files.push(join(results, `${base}.json`), join(results, `${base}.tar.xz`));
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
  const client = { ...place, instance, uri: `file://${root}`, key, package: 'hello' };
  const setup = (await registry.service.clientSetup(client))!;
  const here = (text: string) => text.replaceAll('/usr/share/keyrings', folder);
  await writeFile(here(setup.file), setup.content);
  const { stdout } = await run(['sh', '-euc', ['set -e', ...setup.commands].map(here).join('\n')], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder },
  });
  return stdout.toString('utf8');
}

describe('a published release', () => {
  it('is fetched and verified by gpgv and sha256sum with the commands clients are given', async () => {
    await publish(first);
    await publish(second);
    await publish(second, EXTRA);
    expect((await fetchAndVerify('client')).trim().split('\n').sort()).toEqual(
      ['1.0-1', '1.0-2'].flatMap((version) => [
        `main/hello/hello-${version}-x86_64.json: OK`,
        `main/hello/hello-${version}-x86_64.tar.xz: OK`,
        `main/hello/hello-${version}.build: OK`,
        `main/hello/hello-${version}.json: OK`,
        `main/hello/hello-${version}.tar.xz: OK`,
      ]),
    );
    expect(await fetchAndVerify('extra', EXTRA)).toContain('extra/hello/hello-1.0-2.tar.xz: OK');
  });

  it('covers all its files, checked where they lie', async () => {
    await publish(first);
    const keyring = join(home, 'keyring.gpg');
    await run(['gpg', '--dearmor', '--output', keyring, join(root, 'keyring.asc')]);
    const sums = join(home, 'SHA256SUMS');
    await run(['gpgv', '--keyring', keyring, '--output', sums, join(root, SUMS)]);
    await run(['sha256sum', '--check', '--strict', sums], { cwd: join(root, 'stable') });
    const listed = (await readFile(sums, 'utf8')).match(/(?<= {2})main\S+$/gm);
    const present = (await filesOf(join(root, 'stable'))).filter((path) => path.includes('/'));
    expect(listed).toEqual(present);
  });

  it('is refused by gpgv when the list is changed by hand', async () => {
    await publish(first);
    const signed = await readFile(join(root, SUMS), 'utf8');
    await writeFile(
      join(root, SUMS),
      signed.replace('# Distribution: stable', '# Distribution: x'),
    );
    await expect(fetchAndVerify('client')).rejects.toThrow(/BAD signature/);
  });

  it('fails the check of digests when a file is changed by hand', async () => {
    await publish(first);
    await writeFile(join(root, 'stable/main/hello/hello-1.0-1.tar.xz'), 'changed');
    await expect(fetchAndVerify('client')).rejects.toThrow(/did NOT match/);
  });

  it('is listed with changelog and content', async () => {
    await publish(first);
    expect(await listing()).toEqual(['1.0-1 src', '1.0-1 x86_64']);
    expect(await registry.service.changelog(instance, MAIN, 'x86_64', 'hello')).toEqual([
      { version: '1.0-1', author: 'Ada <ada@acme.example>', date: 1, changes: ['Hi'] },
    ]);
    expect(await registry.service.content(instance, MAIN, 'x86_64', 'hello')).toEqual([
      { path: '/usr', type: 'd', size: 0 },
      { path: '/usr/bin', type: 'd', size: 0 },
      { path: '/usr/bin/hello', type: 'f', size: 21 },
      { path: '/usr/bin/hi', type: 'l', size: 0 },
    ]);
    expect(await registry.service.artifactSource(instance, MAIN, 'hello')).toMatchObject({
      architecture: 'src',
    });
  });

  it('is refused under the same version with other content, and stays as it was', async () => {
    await publish(first);
    const before = await readFile(join(root, SUMS), 'utf8');
    await expect(publish(other)).rejects.toMatchObject({
      message: expect.stringMatching(/hello 1\.0-1/) as string,
    });
    expect(await readFile(join(root, SUMS), 'utf8')).toBe(before);
    expect(await fetchAndVerify('client')).toContain('hello-1.0-1.tar.xz: OK');
    expect(await publish(first)).toEqual([]);
  });

  it('leaves nothing behind when its index cannot be signed', async () => {
    await publish(first);
    const before = await filesOf(root);
    signer.failing = true;
    await expect(publish(second)).rejects.toThrow('the keyring is on strike');
    expect(await filesOf(root)).toEqual(before);
    expect(await listing()).toEqual(['1.0-1 src', '1.0-1 x86_64']);
  });

  it('goes with its files when it is deleted', async () => {
    await publish(first);
    await publish(second);
    await registry.service.delete(
      instance,
      MAIN,
      { name: 'hello', architecture: 'src', version: '1.0-1' },
      BY,
    );
    expect(await listing()).not.toContain('1.0-1 src');
    expect(existsSync(join(root, 'stable/main/hello/hello-1.0-1.tar.xz'))).toBe(false);
    expect(await fetchAndVerify('client')).not.toContain('hello-1.0-1.tar.xz');
  });
});

describe('files that are no release', () => {
  it('names a file that no description lists', async () => {
    const stray = join(home, 'stray.txt');
    await writeFile(stray, '');
    await expect(publish([...first, stray])).rejects.toMatchObject({
      code: 'TARBALL.UNEXPECTED_FILE',
      message: expect.stringContaining(stray) as string,
    });
    expect(await filesOf(root)).toEqual([]);
  });

  it('names a description that leads elsewhere', async () => {
    const description = join(home, 'hello-1.0-1.json');
    const text = await readFile(join(releases, 'first', 'hello-1.0-1.json'), 'utf8');
    await writeFile(description, text.replace('hello-1.0-1.build', '../hello-1.0-1.build'));
    await expect(publish([description])).rejects.toMatchObject({
      code: 'TARBALL.DAMAGED',
      message: expect.stringMatching(
        /hello-1\.0-1\.json: it is no description of a package: files/,
      ) as string,
    });
  });
});

describe('reindexing', () => {
  const reindex = (journal?: { log: (level: string, message: string) => void }) =>
    registry.service.reindex(instance, 'tarball', { ...BY, journal });

  it('restores an index that was removed by hand', async () => {
    await publish(first);
    await rm(join(root, SUMS));
    await reindex();
    expect(await listing()).toEqual(['1.0-1 src', '1.0-1 x86_64']);
    expect(await fetchAndVerify('client')).toContain('hello-1.0-1.tar.xz: OK');
  });

  it('restores the rows of a lost database', async () => {
    await publish(first);
    await publish(second, EXTRA);
    await registry.close();
    await rm(join(home, 'state'), { recursive: true });
    registry = await openRegistry(home, signer);
    await reindex();
    expect(await listing()).toEqual(['1.0-1 src', '1.0-1 x86_64']);
    expect(await listing(EXTRA)).toEqual(['1.0-2 src', '1.0-2 x86_64']);
  });

  it.each([
    ['removed', (path: string) => rm(path), /hello-1\.0-1-x86_64\.tar\.xz: it is missing/],
    [
      'damaged',
      (path: string) => writeFile(path, 'damaged'),
      /hello-1\.0-1-x86_64\.tar\.xz: its content is not the one hello-1\.0-1-x86_64\.json lists/,
    ],
    [
      'replaced by a link',
      async (path: string) => {
        await rm(path);
        await symlink('/etc/passwd', path);
      },
      /hello-1\.0-1-x86_64\.tar\.xz: it is not a regular file/,
    ],
  ])('leaves out a release whose archive was %s, and says so', async (_how, harm, complaint) => {
    await publish(first);
    await harm(join(root, 'stable/main/hello/hello-1.0-1-x86_64.tar.xz'));
    const said: string[] = [];
    await reindex({ log: (_level, message) => void said.push(message) });
    expect(said.join('\n')).toMatch(complaint);
    expect(await listing()).toEqual(['1.0-1 src']);
    expect(await fetchAndVerify('client')).not.toContain('x86_64');
  });
});
