import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packTree } from '@fatbuildr/artifacts';
import { run } from '@fatbuildr/processes';
import { BY, PlainRegistry } from './support/plain-registry';
import { filesOf } from './support/test-registry';

jest.setTimeout(120_000);

const MAIN = { format: 'tarball', distribution: 'stable', derivative: 'main' };
const EXTRA = { ...MAIN, derivative: 'extra' };
const SUMS = 'stable/SHA256SUMS.asc';

const at = new PlainRegistry(MAIN, 'hello');

let first: string[];
let second: string[];
let other: string[];

beforeAll(async () => {
  first = await release('first', '1.0-1');
  second = await release('second', '1.0-2');
  other = await release('other', '1.0-1', 'goodbye');
});

/** A source with its build script, and a binary archive. @returns what is to be published */
async function release(folder: string, version: string, greeting = 'hello'): Promise<string[]> {
  const results = join(at.built, folder);
  const name = `hello-${version}`;
  const tree = join(results, 'tree');
  await mkdir(join(tree, 'usr/bin'), { recursive: true });
  await writeFile(join(tree, 'usr/bin/hello'), `#!/bin/sh\necho ${greeting}\n`, { mode: 0o755 });
  await symlink('hello', join(tree, 'usr/bin/hi'));
  const script = join(results, `${name}.build`);
  await writeFile(script, '#!/bin/sh\n');
  const files: string[] = [];
  for (const architecture of ['src', 'x86_64']) {
    const base = architecture === 'src' ? name : `${name}-${architecture}`;
    await packTree(tree, join(results, `${base}.tar.xz`), { prefix: base });
    const archive = join(results, `${base}.tar.xz`);
    const own = architecture === 'src' ? [archive, script] : [archive];
    const description = join(results, `${base}.json`);
    files.push(...(await at.describe(description, architecture, version, own)));
  }
  return files;
}

describe('a published release', () => {
  it('is fetched and verified by gpgv and sha256sum with the commands clients are given', async () => {
    await at.publish(first);
    await at.publish(second);
    await at.publish(second, EXTRA);
    expect((await at.fetchAndVerify()).trim().split('\n').sort()).toEqual(
      ['1.0-1', '1.0-2'].flatMap((version) => [
        `main/hello/hello-${version}-x86_64.json: OK`,
        `main/hello/hello-${version}-x86_64.tar.xz: OK`,
        `main/hello/hello-${version}.build: OK`,
        `main/hello/hello-${version}.json: OK`,
        `main/hello/hello-${version}.tar.xz: OK`,
      ]),
    );
    expect(await at.fetchAndVerify('extra', EXTRA)).toContain('extra/hello/hello-1.0-2.tar.xz: OK');
  });

  it('covers all its files, checked where they lie', async () => {
    await at.publish(first);
    const keyring = join(at.home, 'keyring.gpg');
    await run(['gpg', '--dearmor', '--output', keyring, join(at.root, 'keyring.asc')]);
    const sums = join(at.home, 'SHA256SUMS');
    await run(['gpgv', '--keyring', keyring, '--output', sums, join(at.root, SUMS)]);
    await run(['sha256sum', '--check', '--strict', sums], { cwd: join(at.root, 'stable') });
    const listed = (await readFile(sums, 'utf8')).match(/(?<= {2})main\S+$/gm);
    const present = (await filesOf(join(at.root, 'stable'))).filter((path) => path.includes('/'));
    expect(listed).toEqual(present);
  });

  it('is refused by gpgv when the list is changed by hand', async () => {
    await at.publish(first);
    const signed = await readFile(join(at.root, SUMS), 'utf8');
    await writeFile(
      join(at.root, SUMS),
      signed.replace('# Distribution: stable', '# Distribution: x'),
    );
    await expect(at.fetchAndVerify()).rejects.toThrow(/BAD signature/);
  });

  it('fails the check of digests when a file is changed by hand', async () => {
    await at.publish(first);
    await writeFile(join(at.root, 'stable/main/hello/hello-1.0-1.tar.xz'), 'changed');
    await expect(at.fetchAndVerify()).rejects.toThrow(/did NOT match/);
  });

  it('is listed with changelog and content', async () => {
    await at.publish(first);
    expect(await at.listing()).toEqual(['1.0-1 src', '1.0-1 x86_64']);
    expect(await at.service.changelog(at.instance, MAIN, 'x86_64', 'hello')).toEqual([
      { version: '1.0-1', author: 'Ada <ada@acme.example>', date: 1, changes: ['Hi'] },
    ]);
    expect(await at.service.content(at.instance, MAIN, 'x86_64', 'hello')).toEqual([
      { path: '/usr', type: 'd', size: 0 },
      { path: '/usr/bin', type: 'd', size: 0 },
      { path: '/usr/bin/hello', type: 'f', size: 21 },
      { path: '/usr/bin/hi', type: 'l', size: 0 },
    ]);
    expect(await at.service.artifactSource(at.instance, MAIN, 'hello')).toMatchObject({
      architecture: 'src',
    });
  });

  it('is refused under the same version with other content, and stays as it was', async () => {
    await at.publish(first);
    const before = await readFile(join(at.root, SUMS), 'utf8');
    await expect(at.publish(other)).rejects.toMatchObject({
      message: expect.stringMatching(/hello 1\.0-1/) as string,
    });
    expect(await readFile(join(at.root, SUMS), 'utf8')).toBe(before);
    expect(await at.fetchAndVerify()).toContain('hello-1.0-1.tar.xz: OK');
    expect(await at.publish(first)).toEqual([]);
  });

  it('leaves nothing behind when its index cannot be signed', async () => {
    await at.publish(first);
    const before = await filesOf(at.root);
    at.signer.failing = true;
    await expect(at.publish(second)).rejects.toThrow('the keyring is on strike');
    expect(await filesOf(at.root)).toEqual(before);
    expect(await at.listing()).toEqual(['1.0-1 src', '1.0-1 x86_64']);
  });

  it('goes with its files when it is deleted', async () => {
    await at.publish(first);
    await at.publish(second);
    await at.service.delete(
      at.instance,
      MAIN,
      { name: 'hello', architecture: 'src', version: '1.0-1' },
      BY,
    );
    expect(await at.listing()).not.toContain('1.0-1 src');
    expect(existsSync(join(at.root, 'stable/main/hello/hello-1.0-1.tar.xz'))).toBe(false);
    expect(await at.fetchAndVerify()).not.toContain('hello-1.0-1.tar.xz');
  });
});

describe('files that are no release', () => {
  it('names a file that no description lists', async () => {
    const stray = join(at.home, 'stray.txt');
    await writeFile(stray, '');
    await expect(at.publish([...first, stray])).rejects.toMatchObject({
      code: 'TARBALL.UNEXPECTED_FILE',
      message: expect.stringContaining(stray) as string,
    });
    expect(await filesOf(at.root)).toEqual([]);
  });

  it('names a description that leads elsewhere', async () => {
    const description = join(at.home, 'hello-1.0-1.json');
    const text = await readFile(join(at.built, 'first', 'hello-1.0-1.json'), 'utf8');
    await writeFile(description, text.replace('hello-1.0-1.build', '../hello-1.0-1.build'));
    await expect(at.publish([description])).rejects.toMatchObject({
      code: 'TARBALL.DAMAGED',
      message: expect.stringMatching(
        /hello-1\.0-1\.json: it is no description of a package: files/,
      ) as string,
    });
  });
});

describe('reindexing', () => {
  it('restores an index that was removed by hand', async () => {
    await at.publish(first);
    await rm(join(at.root, SUMS));
    await at.reindex();
    expect(await at.listing()).toEqual(['1.0-1 src', '1.0-1 x86_64']);
    expect(await at.fetchAndVerify()).toContain('hello-1.0-1.tar.xz: OK');
  });

  it('restores the rows of a lost database', async () => {
    await at.publish(first);
    await at.publish(second, EXTRA);
    await at.loseDatabase();
    await at.reindex();
    expect(await at.listing()).toEqual(['1.0-1 src', '1.0-1 x86_64']);
    expect(await at.listing(EXTRA)).toEqual(['1.0-2 src', '1.0-2 x86_64']);
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
    await at.publish(first);
    await harm(join(at.root, 'stable/main/hello/hello-1.0-1-x86_64.tar.xz'));
    expect(await at.reindex()).toMatch(complaint);
    expect(await at.listing()).toEqual(['1.0-1 src']);
    expect(await at.fetchAndVerify()).not.toContain('x86_64');
  });
});
