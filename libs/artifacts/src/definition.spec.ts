import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadDefinition } from './definition';

const SHA256 = 'a'.repeat(64);
const rules = {
  deb: { parameters: [] },
  rpm: { parameters: ['buildargs'] },
  osi: { defaultRelease: '0', parameters: [] },
};

describe('loadDefinition', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'definition-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const load = async (text: string, file = 'artifact.yml', formats: object = rules) => {
    await writeFile(join(folder, file), text);
    return await loadDefinition(folder, 'hello', formats as typeof rules);
  };

  it('reads one source with a version, text staying text', async () => {
    const definition = await load(`
source: https://example.org/v{{ version.split('.')[0] }}/hello-{{ version }}.tar.gz
version: 2.10
checksums:
  2.10: { sha256: ${SHA256.toUpperCase()} }
deb: { release: 10 }
rpm: { release: 1, buildargs: --with x }
osi: {}
`);
    expect(definition.formats).toEqual(['deb', 'rpm', 'osi']);
    expect(definition.derivatives).toEqual(['main']);
    expect(definition.version('main')).toBe('2.10');
    expect([definition.release('deb'), definition.release('osi')]).toEqual(['10', '0']);
    expect(definition.formatParameters('rpm')).toEqual({ release: '1', buildargs: '--with x' });
    expect(await definition.sources('main')).toEqual([
      {
        id: 'hello',
        version: '2.10',
        url: 'https://example.org/v2/hello-2.10.tar.gz',
        filename: 'hello-2.10.tar.gz',
        checksums: [{ algorithm: 'sha256', hex: SHA256 }],
      },
    ]);
  });

  it('takes a mapping under the old key of the source for the section of a format', async () => {
    const text = 'source: https://example.org/a.tar.gz\nversion: 1.0\ntarball: { release: 2 }';
    const definition = await load(text, 'artifact.yml', { tarball: { parameters: [] } });
    expect(definition.formats).toEqual(['tarball']);
    expect(definition.release('tarball')).toBe('2');
    expect((await load(text)).formats).toEqual(['tarball']);
    await expect(
      load(text.replace('release', 'relaese'), 'artifact.yml', { tarball: { parameters: [] } }),
    ).rejects.toThrow(/tarball\.relaese: unknown key, the closest known key is "release"/);
  });

  it('reads several sources, versions and derivatives', async () => {
    const definition = await load(`
sources:
  hello: https://example.org/hello-{{ version }}.zip
  bar-baz: https://example.org/get?v={{ version }}!bar-baz_{{ version }}.zip
versions: { hello: 1.0, bar-baz: 4.5.6 }
derivatives:
  extra: { hello: 1.1 }
checksums:
  hello: { 1.0: { sha256: ${SHA256} } }
  bar-baz: { 4.5.6: { sha512: ${SHA256}${SHA256} } }
deb: { release: 1 }
`);
    expect(definition.derivatives).toEqual(['main', 'extra']);
    expect([...definition.versions('extra')]).toEqual([
      ['hello', '1.1'],
      ['bar-baz', '4.5.6'],
    ]);
    expect((await definition.sources('main'))[1]).toMatchObject({
      id: 'bar-baz',
      url: 'https://example.org/get?v=4.5.6',
      filename: 'bar-baz_4.5.6.zip',
      checksums: [{ algorithm: 'sha512' }],
    });
    expect(() => definition.checksumsOf('hello', '1.1')).toThrow(
      /version 1.1 of source hello has no checksum.*versions with checksums: 1.0/,
    );
  });

  it.each([
    [
      'tarball: https://example.org/a.tar.gz\nversions: { main: 1.0, extra: 2.0 }',
      ['main', 'extra'],
    ],
    ['source: https://example.org/a.tar.gz\nversions: { hello: 1.0 }', ['main']],
    ['version: 1.0\nderivatives: { extra: 2.0 }', ['main', 'extra']],
    ['derivatives: { main: { version: 1.0 }, extra: { version: 2.0 } }', ['main', 'extra']],
    ['derivatives: { main: { hello: { version: 1.0 } } }', ['main']],
    ['derivatives: { main: { hello: 1.0 }, extra: { hello: 2.0 } }', ['main', 'extra']],
  ])('reads the spelling %j', async (text, derivatives) => {
    const definition = await load(`${text}\ndeb: { release: 1 }\n`);
    expect(definition.derivatives).toEqual(derivatives);
    expect(definition.version('main')).toBe('1.0');
    if (derivatives.length > 1) expect(definition.version('extra')).toBe('2.0');
  });

  it('takes artifact.yaml, and meta.yml with a warning', async () => {
    expect((await load('version: 1', 'artifact.yaml')).warnings).toEqual([]);
    await rm(join(folder, 'artifact.yaml'));
    expect((await load('version: 1', 'meta.yml')).warnings).toEqual([
      'meta.yml is deprecated, rename it to artifact.yml',
    ]);
  });

  it.each([
    ['deb:\n  release: [1]', 'deb.release: expected a release, got a list'],
    ['deb: {}', 'deb.release: expected a release, it is missing'],
    ['deb:', 'deb.release: expected a release, it is missing'],
    ['deb: 1', 'deb: expected a mapping, got "1"'],
    [
      'version: 1\ndeb: { relase: 1 }',
      'deb.relase: unknown key, the closest known key is "release"',
    ],
    ['verison: 1', 'verison: unknown key, the closest known key is "version"'],
    ['derivative: { a: 1 }', 'derivative: unknown key, the closest known key is "derivatives"'],
    ['version: [1]', 'version: expected a version, got a list'],
    ['version: ../1', 'version: expected a version (letters'],
    ['- a', 'expected a mapping, got a list'],
    ['', 'expected a mapping, got nothing'],
    ['version: 1\nsource: ftp', 'source: "ftp" is no URL'],
    ['version: 1\nsource: https://example.org/', 'source: "" cannot name the archive'],
    ['version: 1\nsource: https://example.org/a!../b', 'source: "../b" cannot name the archive'],
    ['source: a\ntarball: b', 'tarball: "source" is declared already'],
    ['sources: { other: https://example.org/a }', 'sources: expected the artifact\'s name "hello"'],
    ['sources: { hello: a, b: c }\nversion: 1', 'version: there are several sources (hello, b)'],
    ['sources: { hello: a, b: c }\nversions: { hello: 1 }', 'versions: expected a version of each'],
    ['sources: { hello: a, b: c }\nversions: { x: 1 }', 'versions.x: there is no source "x"'],
    [
      'derivatives: { extra: { hello: [1] } }',
      'derivatives.extra.hello: expected a version, got a list',
    ],
    ['checksums: { 1: { md5: ab } }', 'checksums.1.md5: md5 is refused: '],
    ['checksums: { 1: { sha1: ab } }', 'checksums.1.sha1: sha1 is refused: '],
    [
      'checksums: { 1: { sha256: ab } }',
      'checksums.1.sha256: expected 64 hexadecimal digits, got "ab"',
    ],
    [
      'checksums: { 1: { sha25: ab } }',
      'checksums.1.sha25: unknown algorithm, the closest known one is "sha256"',
    ],
    ['checksums: { 1: {} }', 'checksums.1: expected a mapping with sha256 or sha512'],
    ['checksums: { other: { 1: { sha256: ab } } }', 'checksums.other: there is no source "other"'],
    ['version: 1\nversions: { hello: 2 }', 'versions.hello: the version of source hello'],
  ])('refuses %j', async (text, message) => {
    const loading = load(text).then((definition) => definition.sources('main'));
    await expect(loading).rejects.toMatchObject({
      code: 'ARTIFACT.BAD_DEFINITION',
      message: expect.stringContaining(`artifact.yml: ${message}`) as string,
    });
  });

  it('names line and column of broken YAML', async () => {
    await expect(load('deb:\n  release: "1\nversion: 2\n')).rejects.toThrow(
      /^artifact\.yml: line \d+, column \d+: /,
    );
    const twice = 'sources:\n  hello: u\n  bar: v\n  bar: w\nversion: 1';
    await expect(load(twice)).rejects.toThrow(
      'artifact.yml: line 4, column 3: the key bar is there twice, keep one',
    );
    await expect(load('sources: { "a": b, "a" : c }')).rejects.toThrow(
      'the key "a" is there twice',
    );
  });

  it('refuses files that grow without bound', async () => {
    const bomb = Array.from({ length: 9 }, (_, i) => {
      const item = i === 0 ? 'x' : `*a${i - 1}`;
      return `k${i}: &a${i} [${Array(9).fill(item).join(', ')}]`;
    }).join('\n');
    await expect(load(bomb)).rejects.toMatchObject({ code: 'ARTIFACT.BAD_DEFINITION' });
    await expect(load(`# ${'x'.repeat(1024 * 1024)}`)).rejects.toThrow(/at most 1048576/);
  });

  it('keeps the section of a format that is not installed', async () => {
    const definition = await load('version: 1\nrpm: { release: 2, x: [a] }', 'artifact.yml', {
      deb: { parameters: [] },
    });
    expect(definition.release('rpm')).toBe('2');
    expect(() => definition.release('deb')).toThrow(
      'artifact hello declares no format "deb", it declares: rpm',
    );
  });

  it('names what exists when asked for something else', async () => {
    const definition = await load('version: 1\nderivatives: { extra: 2 }\ndeb: { release: 1 }');
    expect(() => definition.version('full')).toThrow(
      'artifact hello declares no derivative "full", it declares: main, extra',
    );
    expect(() => definition.version('main', 'x')).toThrow('declares no source "x"');
    expect(() => definition.checksumsOf('x', '1')).toThrow('declares no source "x"');
    expect(() => definition.formatParameters('osi')).toThrow('it declares: deb');
  });

  it('refuses bad names, an empty folder and links that leave it', async () => {
    await expect(loadDefinition(folder, '../x')).rejects.toMatchObject({
      code: 'ARTIFACT.BAD_NAME',
    });
    await expect(loadDefinition(folder, 'a')).rejects.toMatchObject({ code: 'ARTIFACT.BAD_NAME' });
    await expect(loadDefinition(folder, 'hello')).rejects.toMatchObject({
      code: 'ARTIFACT.NO_DEFINITION',
    });
    await symlink('/etc/passwd', join(folder, 'artifact.yml'));
    await expect(loadDefinition(folder, 'hello')).rejects.toThrow(/"artifact.yml": leaves/);
  });
});
