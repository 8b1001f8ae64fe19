import { copyFile, cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { run } from '@fatbuildr/processes';
import { buildDemoRpms, buildRichRpms, type DemoRpms } from './dnf-registry/demo-rpms';
import { checkSignatures, DnfClient } from './dnf-registry/dnf-client';
import { parseXml, textOf } from './dnf-registry/xml';
import { openRegistry, TestSigner, type TestRegistry } from './support/test-registry';

jest.setTimeout(120_000);

const MAIN = { format: 'rpm', distribution: 'el9', derivative: 'main' };
type IndexKind = 'primary' | 'filelists' | 'other';

const BY = { task: 'task-1', user: 'ada' };

let packages: string;
let first: DemoRpms;
let rich: string[];
let signer: TestSigner;
let home: string;
let registry: TestRegistry;

beforeAll(async () => {
  packages = await mkdtemp(join(tmpdir(), 'fatbuildr-dnf-packages-'));
  first = await buildDemoRpms(join(packages, 'first'), { version: '1.0-1' });
  rich = await buildRichRpms(join(packages, 'rich'));
  signer = await TestSigner.create(join(packages, 'keyring'));
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

const publish = (files: readonly string[], place = MAIN) =>
  registry.service.publish(registry.instance, place, files, BY);

/** As rpmbuild made them, for whoever signs them. */
async function copyOf(files: readonly string[], name = 'built'): Promise<string[]> {
  const folder = join(home, name);
  await mkdir(folder, { recursive: true });
  const copies = files.map((file) => join(folder, basename(file)));
  await Promise.all(files.map((file, at) => copyFile(file, copies[at] ?? '')));
  return copies;
}

async function client(name = 'client'): Promise<DnfClient> {
  const repositories = await readFile(join(registry.rpmRoot, 'rpm.repo'), 'utf8');
  return DnfClient.create(join(home, name), repositories);
}

const pathOf = (...names: string[]) => join(registry.rpmRoot, 'el9', 'main', ...names);

/** What a repository lists: the elements of each package, by name and architecture. */
async function listed(folder: string): Promise<Map<string, Record<IndexKind, unknown>>> {
  const repomd = await readFile(join(folder, 'repodata', 'repomd.xml'), 'utf8');
  const packages = new Map<string, Record<IndexKind, unknown>>();
  const names = new Map<string, string>();
  for (const kind of ['primary', 'filelists', 'other'] as const) {
    const [, file = ''] =
      new RegExp(`href="(repodata/(?:[^"]*-)?${kind}\\.xml[^"]*)"`).exec(repomd) ?? [];
    const text = gunzipSync(await readFile(join(folder, file))).toString('utf8');
    const count = Number(/ packages="(\d+)"/.exec(text)?.[1]);
    const found = [...parseXml(text).children].filter(({ name }) => name === 'package');
    expect(found).toHaveLength(count);
    for (const one of found) {
      const checksum = one.children.find(({ name }) => name === 'checksum')?.text ?? '';
      const id = one.attributes.pkgid ?? checksum;
      if (kind === 'primary') {
        names.set(id, `${textOf(one, 'name')}.${textOf(one, 'arch')}`);
        // The time of the file is that of its copy in the registry.
        const time = one.children.find(({ name }) => name === 'time');
        if (time) delete time.attributes.file;
      }
      const name = names.get(id) ?? '';
      packages.set(name, { ...packages.get(name), [kind]: one } as Record<IndexKind, unknown>);
    }
  }
  return packages;
}

describe('published packages', () => {
  it('are installed by dnf with nothing but the served file, signatures checked', async () => {
    await publish(await copyOf(first.files));
    const dnf = await client();
    expect(await dnf.dnf('install', 'demo')).toContain('Complete!');
    expect(await readFile(join(dnf.installed, 'usr/bin/demo'), 'utf8')).toBe('echo hello\n');
    expect(await readFile(join(dnf.installed, 'usr/share/demo/text'), 'utf8')).toBe('hello\n');
  });

  it('carry a signature of the header, and nothing else of them is changed', async () => {
    const files = await copyOf(first.files);
    await publish(files);
    const key = await signer.export(registry.instance);
    const said = await checkSignatures(home, key, files);
    expect(said.match(/Header V4 \S+ Signature, key ID \w+: OK/g)).toHaveLength(3);
    expect(said).not.toMatch(/NOT OK|NOKEY|BAD|SIGNATURES/);
    const before = await run(['rpm', '-qp', '--dump', '--scripts', '--requires', first.binary]);
    const after = await run(['rpm', '-qp', '--dump', '--scripts', '--requires', files[0] ?? '']);
    expect(after.stdout.toString()).toBe(before.stdout.toString());
  });

  it('are listed as createrepo_c lists them', async () => {
    await publish(await copyOf([...first.files, ...rich]));
    for (const folder of ['x86_64', 'aarch64', 'source']) {
      const ours = await listed(pathOf(folder));
      const copy = join(home, 'createrepo', folder);
      await cp(pathOf(folder, 'Packages'), join(copy, 'Packages'), {
        recursive: true,
        dereference: true,
      });
      await run(['createrepo_c', '--quiet', '--no-database', '--simple-md-filenames', copy]);
      const theirs = await listed(copy);
      expect(ours.size).toBeGreaterThan(0);
      expect([...ours.keys()].sort()).toEqual([...theirs.keys()].sort());
      for (const [name, one] of theirs)
        expect({ name, ...ours.get(name) }).toEqual({ name, ...one });
    }
  });
});

it('puts versions in the order of rpm, odd ones too', async () => {
  const parts = ['0', '1', '01', '10', 'a', 'b', 'Z', '.', '~', '^', '_'];
  const texts = parts.flatMap((one) => parts.flatMap((two) => [`${one}${two}`, `1${one}2${two}`]));
  // Each with some others, the distance between them growing.
  const pairs = texts.map((text, at) => [text, texts[(at * 7 + 3) % texts.length] ?? ''] as const);
  const calls = pairs.map(([a, b]) => `print(rpm.vercmp("${a}", "${b}") .. ";")`);
  const { stdout } = await run(['rpm', '--eval', `%{lua: ${calls.join(' ')}}`]);
  const theirs = stdout.toString().split(';').slice(0, -1).map(Number);
  const ours = pairs.map(([a, b]) => Math.sign(registry.dnf.compareVersions(a, b)));
  expect(ours.map((order, at) => [...(pairs[at] ?? []), order])).toEqual(
    theirs.map((order, at) => [...(pairs[at] ?? []), order]),
  );
});
