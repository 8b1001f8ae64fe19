import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { FatbuildrError } from '@fatbuildr/errors';
import { checkDefinition, type CheckTarget } from './check-definition';
import type { FormatDefinition, PackagingRequest } from './format-builder.port';

const GOOD = `source: https://upstream.example/demo-{{ version }}.tar.gz
derivatives: { main: "1.0", next: "2.0" }
checksums:
  1.0: { sha256: ${'0'.repeat(64)} }
  2.0: { sha256: ${'1'.repeat(64)} }
pkg:
  release: 1
`;

describe('checkDefinition', () => {
  let home: string;
  let seen: PackagingRequest[];
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'fatbuildr-check-'));
    seen = [];
  });
  afterEach(() => rm(home, { recursive: true }));

  const format: FormatDefinition = {
    name: 'pkg',
    parameters: [],
    checks: [
      (request) => void seen.push(request),
      ({ version }) => {
        if (version.main !== '2.0') return;
        const reason = 'two is not liked';
        throw new FatbuildrError('PKG.BAD', reason, { file: 'pkg/spec', reason });
      },
    ],
    skeleton: () => ({}),
  };

  async function check(files: Record<string, string>, targets: CheckTarget[] = []) {
    const folder = join(home, 'demo');
    for (const [name, content] of Object.entries({ 'artifact.yml': GOOD, ...files })) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), content);
    }
    const scratch = join(home, 'scratch');
    return checkDefinition({ folder, artifact: 'demo', formats: [format], targets, scratch });
  }

  it('asks the formats about every version that is declared, as a build would', async () => {
    const found = await check({
      'pkg/spec.j2': '{{ version.main }}',
      'patches/generic/fix.patch': 'Template: yes\n--- a\n+++ {{ version.major }}\n',
    });
    expect(found).toEqual([
      { severity: 'error', code: 'PKG.BAD', file: 'pkg/spec', message: 'two is not liked' },
    ]);
    expect(seen.map(({ version, derivative }) => [version.full, derivative])).toEqual([
      ['1.0-1', 'main'],
      ['2.0-1', 'next'],
    ]);
    expect(seen[1]!.sources).toEqual([{ id: 'demo', version: '2.0', archive: 'demo-2.0.tar.gz' }]);
    expect(seen[1]!.patches[0]!.content.toString()).toContain('+++ 2');
  });

  it('checks for the distributions and tags it is given', async () => {
    const targets = [{ format: 'pkg', derivative: 'main', distribution: 'el9', tag: 'el9' }];
    const patch = 'Distributions: el8\nTemplate: yes\n--- a\n+++ {{ nothing }}\n';
    expect(await check({ 'patches/1.0/a.patch': patch }, targets)).toEqual([]);
    expect(seen.map(({ version }) => version.full)).toEqual(['1.0-1.el9']);
    expect(await check({ 'patches/1.0/a.patch': patch })).toContainEqual(
      expect.objectContaining({ code: 'ARTIFACT.TEMPLATE', file: 'patches/1.0/a.patch' }),
    );
  });

  it('tells every fault of the file with key and line', async () => {
    const text = `source: https://x/a.tar.gz
version: 1 0
checksums:
  1.0:
    md5: 1
deb:
  release: "!"
pkg:
  colour: blue
`;
    expect(await check({ 'artifact.yml': text })).toEqual([
      expect.objectContaining({ file: 'artifact.yml', key: 'version', line: 2 }),
      expect.objectContaining({ key: 'deb.release', line: 7 }),
      expect.objectContaining({ key: 'pkg.colour', line: 9 }),
    ]);
    const sums = text
      .replace('1 0', '1.0')
      .replace('"!"', '1')
      .replace('colour: blue', 'release: 1');
    expect(await check({ 'artifact.yml': sums })).toEqual([
      expect.objectContaining({
        ...{ severity: 'error', code: 'ARTIFACT.BAD_DEFINITION' },
        ...{ file: 'artifact.yml', key: 'checksums.1.0.md5', line: 5 },
      }),
    ]);
  });

  it('tells every template and patch that cannot be rendered, with file and line', async () => {
    const found = await check({
      'artifact.yml': GOOD.replace('next: "2.0"', 'next: "1.1"'),
      'pkg/a.j2': 'fine\n{{ nothing }}\n',
      'pkg/b.j2': '{{ version.main | nofilter }}',
      'patches/1.0/one.patch': 'Template: maybe\n--- a\n+++ b\n',
      'patches/1.0/two.patch': 'Template: yes\n--- a\n+++ {{ nothing }}\n',
    });
    expect(found.filter(({ severity }) => severity === 'error')).toEqual([
      expect.objectContaining({ code: 'ARTIFACT.TEMPLATE', file: 'pkg/a.j2', line: 2 }),
      expect.objectContaining({ code: 'ARTIFACT.TEMPLATE', file: 'pkg/b.j2', line: 1 }),
      expect.objectContaining({ code: 'ARTIFACT.REFUSED_FILE', file: 'patches/1.0/one.patch' }),
      expect.objectContaining({
        ...{ code: 'ARTIFACT.TEMPLATE', file: 'patches/1.0/two.patch', line: 3 },
      }),
    ]);
  });

  it.each<[string, Record<string, string>, object]>([
    ['no definition', { 'artifact.yml': '' }, { code: 'ARTIFACT.BAD_DEFINITION' }],
    ['broken YAML', { 'artifact.yml': 'a: [' }, { message: expect.stringMatching(/line 1/) }],
    [
      'a template in the URL',
      { 'artifact.yml': GOOD.replace('{{ version }}', '{{ vresion }}') },
      { code: 'ARTIFACT.TEMPLATE', file: 'artifact.yml', key: 'source', line: 1 },
    ],
    [
      'a rename rule',
      { rename: '# comment\npkg/none pkg/some\n' },
      { code: 'ARTIFACT.BAD_RENAME', file: 'rename', line: 2 },
    ],
    [
      'no version',
      { 'artifact.yml': 'pkg: { release: 1 }' },
      { code: 'ARTIFACT.UNKNOWN_DERIVATIVE', file: 'artifact.yml' },
    ],
    [
      'no format',
      { 'artifact.yml': 'version: 1' },
      { code: 'ARTIFACT.UNKNOWN_FORMAT', message: expect.stringContaining('known are: pkg') },
    ],
  ])('refuses %s', async (_what, files, finding) => {
    expect(await check(files)).toContainEqual(
      expect.objectContaining({ severity: 'error', ...finding }),
    );
  });

  it('warns of what hardly can be meant', async () => {
    const found = await check({
      'artifact.yml': `tarball: https://x/demo-{{ version }}.tar.gz
versions: { main: "1.0", next: "1.1" }
checksums: { "1.0": { sha256: ${'0'.repeat(64)} } }
pkg: { release: 1 }
other: { release: 1 }
`,
      'patches/0.9/old.patch': '--- a\n+++ b\n',
      'patches/generic/empty.patch': 'Formats: pgk\nnothing\n',
    });
    expect(found.map(({ severity }) => severity)).toEqual(found.map(() => 'warning'));
    expect(found.map(({ code, file }) => `${code} ${file}`)).toEqual([
      'ARTIFACT.DEPRECATED artifact.yml',
      'ARTIFACT.DEPRECATED artifact.yml',
      'BUILDS.UNKNOWN_FORMAT artifact.yml',
      'ARTIFACT.NO_CHECKSUM artifact.yml',
      'ARTIFACT.DOUBTFUL_PATCH patches/0.9',
      'ARTIFACT.DOUBTFUL_PATCH patches/generic/empty.patch',
      'ARTIFACT.DOUBTFUL_PATCH patches/generic/empty.patch',
    ]);
    expect(found[3]).toMatchObject({ key: 'checksums', line: 3 });
    expect(found[3]!.message).toContain('version 1.1 of source demo');
  });
});
