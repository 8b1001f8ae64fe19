import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FatbuildrError } from '@fatbuildr/errors';
import type { FormatDescription } from './instance-file';
import { loadInstances } from './load-instances';

const FORMATS: FormatDescription[] = [
  { name: 'alpha', environment: 'required' },
  { name: 'beta', environment: 'required' },
  { name: 'gamma', environment: 'none' },
];

const VALID = `
name: Production
gpg:
  name: ACME Packages
  email: packages@acme.example
architectures: [x86_64, aarch64]
formats:
  alpha:
    - name: bookworm
      env: bookworm
      tag: 12
      mirror: http://mirror.acme.example/{{ environment }}
      components: main
  beta:
    - { name: el9, env: rocky-9, tag: el9, modules: [nodejs:18] }
  gamma:
    - { name: images }
derivatives:
  extra: { formats: [alpha] }
  full:  { extends: extra }
`;

let root: string;
let folder: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'fatbuildr-instances-'));
  folder = join(root, 'instances.d');
  mkdirSync(folder);
});
afterEach(() => rmSync(root, { recursive: true }));

function load(files: Record<string, string>) {
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return loadInstances(folder, FORMATS, 'aarch64');
}

/** The faults of files that must not load. */
async function faultsOf(files: Record<string, string>): Promise<readonly string[]> {
  const fault: unknown = await load(files).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(fault instanceof FatbuildrError)) throw new Error('the files loaded');
  expect(fault.code).toBe('INSTANCES.INVALID');
  const faults = fault.details.faults as string[];
  for (const line of faults) expect(fault.message).toContain(line);
  return faults;
}

/** The faults of one file, `prod.yml`, with something replaced in a valid one. */
const faultsWith = (pattern: string, replacement: string) => {
  expect(VALID).toContain(pattern);
  return faultsOf({ 'prod.yml': VALID.replace(pattern, replacement) });
};

describe('loadInstances', () => {
  it('reads every file, in the order of the ids, and leaves others alone', async () => {
    const instances = await load({
      'prod.yml': VALID,
      'dev.yml': VALID.replace('Production', 'Development'),
      'README.md': 'not YAML: [',
      '.prod.yml.swp': '{',
    });
    expect(instances.map(({ id, name }) => [id, name])).toEqual([
      ['dev', 'Development'],
      ['prod', 'Production'],
    ]);
  });

  it('reads everything an instance declares, numbers as text, the host first', async () => {
    const [instance] = await load({ 'prod.yml': VALID });
    expect(instance).toMatchObject({
      id: 'prod',
      name: 'Production',
      userid: 'ACME Packages <packages@acme.example>',
      architectures: ['aarch64', 'x86_64'],
      formats: ['alpha', 'beta', 'gamma'],
      derivatives: ['main', 'extra', 'full'],
    });
    expect(instance?.pipeline('bookworm')).toEqual({
      format: 'alpha',
      distribution: 'bookworm',
      environment: 'bookworm',
      tag: '12',
      mirror: 'http://mirror.acme.example/{{ environment }}',
      components: 'main',
      modules: [],
    });
    expect(instance?.pipeline('el9').modules).toEqual(['nodejs:18']);
  });

  it('needs nothing but name, key and one distribution; empty keys count as absent', async () => {
    const minimal =
      'name: x\ngpg: {name: a, email: a@b.example}\nformats: {gamma: [{name: images, tag: }]}\n' +
      'architectures:\nderivatives:\n  extra:\n';
    const [instance] = await load({ 'one.yml': minimal });
    expect(instance?.architectures).toEqual(['aarch64']);
    expect(instance?.derivatives).toEqual(['main', 'extra']);
    expect(instance?.pipeline('images').tag).toBeUndefined();
  });

  it('follows anchors and merge keys', async () => {
    const text = VALID.replace('- name: bookworm', '- &base\n      name: bookworm').replace(
      '  beta:',
      '    - { <<: *base, name: trixie }\n  beta:',
    );
    const [instance] = await load({ 'prod.yml': text });
    expect(instance?.pipeline('trixie')).toMatchObject({ environment: 'bookworm', tag: '12' });
  });

  it('takes an empty folder for no instance, an absent one for a fault', async () => {
    expect(await loadInstances(folder, FORMATS)).toEqual([]);
    await expect(loadInstances(join(root, 'absent'), FORMATS)).rejects.toThrow(
      /absent: the folder of the instance files cannot be read: .*ENOENT/,
    );
  });

  it('tells the faults of all files together', async () => {
    expect(
      await faultsOf({
        'a.yml': VALID.replace('name: Production', 'title: x'),
        'b.yml': 'formats: [\n',
        'prod-eu.yml': VALID,
        'PROD.yml': VALID,
        'prod.yml': VALID,
        'old.yaml': VALID,
      }),
    ).toEqual([
      'instances.d/a.yml: name: missing, expected text',
      'instances.d/a.yml: title: unknown key, the closest known one is "name"',
      expect.stringMatching(/^instances\.d\/b\.yml: line 2, column 1: /),
      'instances.d/old.yaml: instance files end in .yml',
      'instances.d/prod-eu.yml: the id of an instance is part of D-Bus paths and consists of letters, digits and "_" (64 at most), got "prod-eu"',
      'instances.d/prod.yml: the id differs from that of instances.d/PROD.yml by upper and lower case alone',
    ]);
  });

  it('names line and column of broken YAML', async () => {
    expect(await faultsWith('      tag: 12', '     tag: 12')).toEqual([
      expect.stringMatching(/^instances\.d\/prod\.yml: line 11, column \d+: /),
    ]);
    expect(await faultsWith('gpg:', 'name: twice\ngpg:')).toEqual([
      'instances.d/prod.yml: line 3, column 1: Map keys must be unique',
    ]);
    expect(await faultsWith('tag: 12', 'tag: *nowhere')).toHaveLength(1);
  });

  it.each([
    ['tag: 12', 'tag: [a]', 'formats.alpha[0].tag: expected text, got a list'],
    [
      'tag: 12',
      'tag: a b',
      'formats.alpha[0].tag: expected a tag of letters, digits, ".", "~", "+" and "_", got "a b"',
    ],
    ['mirror:', 'miror:', 'formats.alpha[0].miror: unknown key, the closest known one is "mirror"'],
    ['      env: bookworm\n', '', 'formats.alpha[0].env: missing, alpha builds in an environment'],
    [
      '{ name: images }',
      '{ name: images, env: x }',
      'formats.gamma[0].env: gamma has no build environments, remove the key',
    ],
    [
      'name: images',
      'name: bookworm',
      'formats.gamma[0].name: the distribution "bookworm" is already declared by formats.alpha[0]',
    ],
    [
      'name: images',
      'name: ../images',
      'formats.gamma[0].name: expected a name of letters, digits, ".", "+", "~", "_" and "-" that starts with a letter or digit, got "../images"',
    ],
    ['{ name: images }', 'images', 'formats.gamma[0]: expected a mapping, got "images"'],
    ['    - { name: images }', '    []', 'formats.gamma: expected at least one distribution'],
    [
      '  gamma:',
      '  gama:',
      'formats.gama: unknown format "gama", installed are: alpha, beta, gamma',
    ],
    [
      'modules: [nodejs:18]',
      'modules: nodejs',
      'formats.beta[0].modules: expected a list, got "nodejs"',
    ],
    [
      'aarch64]',
      'amd64]',
      'architectures[1]: unknown architecture "amd64", there are: x86_64, aarch64, armv7l, i686, loongarch64, ppc64le, riscv64, s390x',
    ],
    ['@acme', ' at acme', 'gpg.email: expected an email address, got "packages at acme.example"'],
    ['  email: packages@acme.example\n', '', 'gpg.email: missing, expected text'],
    ['  email:', '  mail:', 'gpg.email: missing, expected text'],
    [
      'extends: extra',
      'extends: extr',
      'derivatives.full.extends: unknown derivative "extr", the closest known one is "extra"',
    ],
    [
      'extends: extra',
      'extend: extra',
      'derivatives.full.extend: unknown key, the closest known one is "extends"',
    ],
    [
      'formats: [alpha]',
      'formats: [delta]',
      'derivatives.extra.formats[0]: unknown format "delta", installed are: alpha, beta, gamma',
    ],
    [
      '  extra: { formats: [alpha] }',
      '  extra: { extends: full }',
      'derivatives.extra.extends: loops: extra → full → extra',
    ],
    [
      '  full: ',
      '  main: ',
      'derivatives.main: every instance has the derivative "main", it cannot be declared',
    ],
    ['  full: ', '  a/b: ', 'derivatives.a/b: expected a name of letters, digits, "_" and "-"'],
  ])('refuses %j → %j', async (pattern, replacement, fault) => {
    expect(await faultsWith(pattern, replacement)).toContain(`instances.d/prod.yml: ${fault}`);
  });

  it('refuses what is no mapping at all', async () => {
    expect(await faultsOf({ 'prod.yml': '- a\n' })).toEqual([
      'instances.d/prod.yml: the file: expected a mapping, got a list',
    ]);
    expect(await faultsOf({ 'prod.yml': '' })).toHaveLength(1);
  });

  it('is not exploded by aliases', async () => {
    const layers = Array.from({ length: 12 }, (_, layer) =>
      layer === 0
        ? 'l0: &l0 [x]'
        : `l${layer}: &l${layer} [${Array(10)
            .fill(`*l${layer - 1}`)
            .join(',')}]`,
    );
    const [fault] = await faultsOf({ 'prod.yml': layers.join('\n') });
    expect(fault).toContain('Excessive alias count');
  });
});
