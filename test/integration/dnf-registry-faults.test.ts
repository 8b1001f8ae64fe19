import {
  copyFile,
  cp,
  mkdir,
  mkdtemp,
  readFile,
  readlink,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { run } from '@fatbuildr/processes';
import { buildDemoRpms, type DemoRpms } from './dnf-registry/demo-rpms';
import { DnfClient } from './dnf-registry/dnf-client';
import {
  demoInstance,
  filesOf,
  openRegistry,
  TestSigner,
  type TestRegistry,
} from './support/test-registry';

jest.setTimeout(120_000);

const MAIN = { format: 'rpm', distribution: 'el9', derivative: 'main' };
const EXTRA = { ...MAIN, derivative: 'extra' };
const BY = { task: 'task-1', user: 'ada' };

let packages: string;
let first: DemoRpms;
let second: DemoRpms;
let other: DemoRpms;
let signer: TestSigner;
let stranger: TestSigner;
let home: string;
let registry: TestRegistry;

beforeAll(async () => {
  packages = await mkdtemp(join(tmpdir(), 'fatbuildr-dnf-packages-'));
  first = await buildDemoRpms(join(packages, 'first'), { version: '1.0-1' });
  second = await buildDemoRpms(join(packages, 'second'), { version: '1.0-2' });
  other = await buildDemoRpms(join(packages, 'other'), { version: '1.0-1', greeting: 'goodbye' });
  signer = await TestSigner.create(join(packages, 'keyring'));
  stranger = await TestSigner.create(join(packages, 'stranger'));
});

afterAll(() => rm(packages, { recursive: true }));

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'fatbuildr-dnf-registry-'));
  registry = await openRegistry(home, signer);
  signer.failing = false;
});

afterEach(async () => {
  await registry.close();
  await rm(home, { recursive: true });
});

/** As rpmbuild made them, for whoever signs them. */
async function copyOf(demo: DemoRpms, name = 'built'): Promise<string[]> {
  const folder = await mkdtemp(join(home, `${name}-`));
  const copies = demo.files.map((file) => join(folder, basename(file)));
  await Promise.all(demo.files.map((file, at) => copyFile(file, copies[at] ?? '')));
  return copies;
}

const publish = async (demo: DemoRpms, place = MAIN) =>
  registry.service.publish(registry.instance, place, await copyOf(demo), BY);

const listing = async (place = MAIN) =>
  (await registry.service.artifacts(registry.instance, place)).map(
    ({ name, architecture, version }) => `${name} ${version} ${architecture}`,
  );

const FIRST = ['demo 1.0-1 x86_64', 'demo-data 1.0-1 noarch', 'libdemo 1.0-1 src'];

const pathOf = (...names: string[]) => join(registry.rpmRoot, 'el9', 'main', ...names);
const repomd = () => readFile(pathOf('x86_64/repodata/repomd.xml'), 'utf8');

/** Names and versions dnf sees, its metadata fresh and all signatures checked. */
async function available(): Promise<string[]> {
  const repositories = await readFile(join(registry.rpmRoot, 'rpm.repo'), 'utf8');
  const dnf = await DnfClient.create(await mkdtemp(join(home, 'client-')), repositories);
  const said = await dnf.dnf(
    '--quiet',
    'repoquery',
    '--queryformat',
    '|%{name} %{version}-%{release}',
  );
  return said
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.slice(1))
    .sort();
}

async function reopen(): Promise<void> {
  await registry.close();
  registry = await openRegistry(home, signer);
}

async function reindex(): Promise<string> {
  const said: string[] = [];
  const journal = { log: (_level: string, message: string) => void said.push(message) };
  await registry.service.reindex(registry.instance, 'rpm', { task: 't2', user: 'bob', journal });
  return said.join('\n');
}

describe('publishing again', () => {
  it('changes nothing when it is the same build, signed or not', async () => {
    const files = await copyOf(first);
    await registry.service.publish(registry.instance, MAIN, files, BY);
    const before = await repomd();
    expect(await registry.service.publish(registry.instance, MAIN, files, BY)).toEqual([]);
    expect(await publish(first)).toEqual([]);
    expect(await repomd()).toBe(before);
  });

  it('is refused with other content', async () => {
    await publish(first);
    const before = await filesOf(registry.rpmRoot);
    await expect(publish(other)).rejects.toMatchObject({ code: 'REGISTRY.ALREADY_PUBLISHED' });
    expect(await filesOf(registry.rpmRoot)).toEqual(before);
  });

  it('signs what someone else has signed', async () => {
    await registry.close();
    registry = await openRegistry(join(home, 'foreign'), stranger);
    const files = await copyOf(first);
    await registry.service.publish(registry.instance, MAIN, files, BY);
    await reopen();
    await registry.service.publish(registry.instance, MAIN, files, BY);
    expect(await available()).toEqual(['demo 1.0-1', 'demo-data 1.0-1']);
  });
});

describe('deleting', () => {
  it('removes a source with its binaries, from every architecture', async () => {
    await publish(first);
    await publish(second);
    const source = { name: 'libdemo', architecture: 'src', version: '1.0-1' };
    await registry.service.delete(registry.instance, MAIN, source, BY);
    expect(await listing()).toEqual(FIRST.map((line) => line.replace('1.0-1', '1.0-2')));
    expect(await available()).toEqual(['demo 1.0-2', 'demo-data 1.0-2']);
    const files = await filesOf(registry.rpmRoot);
    expect(files.filter((path) => path.includes('1.0-1'))).toEqual([]);
  });
});

describe('when something goes wrong', () => {
  it('a publication that cannot be signed leaves the old state served and no trace', async () => {
    await publish(first);
    const before = await filesOf(registry.rpmRoot);
    signer.failing = true;
    await expect(publish(second)).rejects.toThrow('the keyring is on strike');
    expect(await filesOf(registry.rpmRoot)).toEqual(before);
    expect(await listing()).toEqual(FIRST);
    expect(await available()).toEqual(['demo 1.0-1', 'demo-data 1.0-1']);
  });

  it('a first publication that fails leaves nothing to serve', async () => {
    signer.failing = true;
    await expect(publish(first)).rejects.toThrow('the keyring is on strike');
    expect(await filesOf(registry.rpmRoot)).toEqual([]);
    expect(await listing()).toEqual([]);
  });

  it('rows that cannot be committed put the old index back', async () => {
    await publish(first);
    const before = await filesOf(registry.rpmRoot);
    const served = await repomd();
    await registry.database.dataSource.query(
      `CREATE TRIGGER full BEFORE INSERT ON registry_publications BEGIN SELECT RAISE(ABORT, 'disk full'); END`,
    );
    await expect(publish(second)).rejects.toThrow('disk full');
    expect(await repomd()).toBe(served);
    expect(await filesOf(registry.rpmRoot)).toEqual(before);
  });

  it('recovers an index that was switched although its rows were never committed', async () => {
    await publish(first);
    await publish(second);
    const folder = join(registry.rpmRoot, 'el9', '.repodata');
    await cp(folder, join(home, 'switched'), { recursive: true, verbatimSymlinks: true });
    const source = { name: 'libdemo', architecture: 'src', version: '1.0-2' };
    await registry.service.delete(registry.instance, MAIN, source, BY);
    await rm(folder, { recursive: true });
    await cp(join(home, 'switched'), folder, { recursive: true, verbatimSymlinks: true });
    await reopen();
    expect(await available()).toContain('demo 1.0-2');
    expect(await registry.service.recover(registry.instance, BY)).toEqual(['rpm el9']);
    expect(await available()).toEqual(['demo 1.0-1', 'demo-data 1.0-1']);
    expect(await registry.service.recover(registry.instance, BY)).toEqual([]);
  });

  it('writes anew what was changed behind its back', async () => {
    await publish(first);
    const asc = pathOf('x86_64/repodata/repomd.xml.asc');
    await writeFile(asc, 'not a signature');
    expect(await registry.service.recover(registry.instance, BY)).toEqual(['rpm el9']);
    expect(await available()).toEqual(['demo 1.0-1', 'demo-data 1.0-1']);
  });

  it('follows a changed instance at start, packages for every machine included', async () => {
    await publish(first);
    const wider = demoInstance(['x86_64', 'riscv64']);
    expect(await registry.service.recover(wider, BY)).toEqual(['rpm el9']);
    expect((await repomd()).length).toBeGreaterThan(100);
    const [file = ''] = (await filesOf(pathOf('noarch', 'Packages'))).slice();
    expect(await readFile(pathOf('riscv64/Packages/noarch', file))).toEqual(
      await readFile(pathOf('noarch/Packages', file)),
    );
    await expect(readlink(pathOf('aarch64/repodata'))).rejects.toThrow('ENOENT');
  });

  it('gives every index a greater revision, whatever the clock says', async () => {
    await publish(first);
    const revisionOf = (text: string) => Number(/<revision>(\d+)</.exec(text)?.[1]);
    const before = revisionOf(await repomd());
    const clock = jest.spyOn(Date, 'now').mockReturnValue((before - 86_400) * 1000);
    try {
      await publish(second);
    } finally {
      clock.mockRestore();
    }
    expect(revisionOf(await repomd())).toBe(before + 1);
  });

  it.each([
    ['cut off', (whole: Buffer) => whole.subarray(0, whole.length - 20), /bytes, and should have/],
    ['no RPM', (whole: Buffer) => whole.fill('x', 0, 4), /does not begin as an RPM/],
    [
      'changed in its payload',
      (whole: Buffer) => whole.fill('x', whole.length - 9),
      /payload differs/,
    ],
    ['cut off in its header', (whole: Buffer) => whole.subarray(0, 2000), /ends too early/],
    [
      'changed in its header',
      (whole: Buffer) =>
        whole.fill('x', whole.indexOf('The program'), whole.indexOf('The program') + 3),
      /header differs/,
    ],
  ])('refuses a package that is %s, naming it', async (_, damage, reason) => {
    const file = join(home, 'demo.rpm');
    await writeFile(file, damage(await readFile(first.binary)));
    const publishing = registry.service.publish(registry.instance, MAIN, [file], BY);
    await expect(publishing).rejects.toMatchObject({ code: 'RPM.DAMAGED_PACKAGE' });
    await expect(publishing).rejects.toThrow(reason);
    await expect(publishing).rejects.toThrow('demo.rpm');
    expect(await filesOf(registry.rpmRoot)).toEqual([]);
  });

  it('refuses a link in the place of a package, and a file it does not know', async () => {
    const link = join(home, 'demo.rpm');
    await symlink(first.binary, link);
    const linked = registry.service.publish(registry.instance, MAIN, [link], BY);
    await expect(linked).rejects.toMatchObject({ code: 'RPM.DAMAGED_PACKAGE' });
    const note = join(home, 'note.txt');
    await writeFile(note, 'x');
    const noted = registry.service.publish(registry.instance, MAIN, [note], BY);
    await expect(noted).rejects.toMatchObject({ code: 'RPM.UNEXPECTED_FILE' });
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
    await reindex();
    expect(await answers()).toEqual(before);
    expect(await available()).toEqual(['demo 1.0-1', 'demo-data 1.0-1']);
  });

  it.each(['main/x86_64/repodata', '.repodata'])('restores %s removed by hand', async (removed) => {
    await publish(first);
    await rm(join(registry.rpmRoot, 'el9', removed), { recursive: true });
    await reindex();
    expect(await listing()).toEqual(FIRST);
    expect(await available()).toEqual(['demo 1.0-1', 'demo-data 1.0-1']);
  });

  it('takes the place of repodata that someone made by hand', async () => {
    await publish(first);
    await rm(pathOf('x86_64/repodata'));
    await run(['createrepo_c', '--quiet', pathOf('x86_64')]);
    await reindex();
    expect(await available()).toEqual(['demo 1.0-1', 'demo-data 1.0-1']);
  });

  it('leaves out packages put there by hand without our signature, and says so', async () => {
    await publish(first);
    const [, , foreign = ''] = [...(await copyOf(second))].sort();
    await copyFile(second.binary, pathOf('x86_64/Packages', basename(second.binary)));
    await registry.close();
    registry = await openRegistry(join(home, 'foreign'), stranger);
    await registry.service.publish(registry.instance, MAIN, [foreign], BY);
    await reopen();
    await copyFile(foreign, pathOf('source/Packages', basename(foreign)));
    const said = await reindex();
    expect(said).toMatch(
      /Left out of the index: .*demo-1\.0-2\.x86_64\.rpm: it is not signed with the key of instance acme/,
    );
    expect(said).toMatch(/libdemo-1\.0-2\.src\.rpm: it is signed with a key other than that/);
    expect(await listing()).toEqual(FIRST);
  });

  it('leaves out what lies in the wrong place', async () => {
    await publish(first);
    const { files } = first;
    expect(files).toHaveLength(3);
    const [name = ''] = await filesOf(pathOf('noarch', 'Packages'));
    await mkdir(pathOf('x86_64/Packages'), { recursive: true });
    await copyFile(pathOf('noarch/Packages', name), pathOf('x86_64/Packages', name));
    expect(await reindex()).toMatch(/its place should be .*noarch\/Packages/);
    expect(await listing()).toEqual(FIRST);
  });
});
