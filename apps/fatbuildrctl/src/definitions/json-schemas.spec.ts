import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { loadDefinition } from '@fatbuildr/artifacts';
import { FORMAT_DEFINITIONS, FORMAT_DESCRIPTIONS } from '@fatbuildr/formats';
import { loadInstances } from '@fatbuildr/instances';
import Ajv2020 from 'ajv/dist/2020';
import { parse } from 'yaml';
import { jsonSchemas } from './json-schemas';

const ROOT = resolve(__dirname, '../../../..');
const SUM = 'a'.repeat(64);

const DEFINITIONS = [
  `source: https://x/a-{{ version }}.tar.gz\nversion: 1.10\nchecksums: { 1.10: { SHA256: ${SUM} } }\ndeb: { release: 1 }\nrpm: { release: 0.1.rc2, buildargs: [--with, x] }\n`,
  `sources: { demo: https://x/a, bar_2: https://x/b!b.zip }\nversions: { demo: 1, bar_2: { version: 2.0 } }\nchecksums: { demo: { 1: { sha512: ${SUM}${SUM} } } }\nosi:\n`,
  'tarball: https://x/a\nchecksums:\nversions: { main: 1, next: 2 }\ndeb: { release: 1 }\n',
  'derivatives: { main: 1, next: { demo: 2 }, third: { version: 3 } }\ntarball: { release: 1 }\nosi: {}\nother: { a: b }\n',
];
const WRONG_DEFINITIONS = [
  '- a\n',
  'source: [a]\n',
  'version: "1 0"\n',
  'version: 1_0\n',
  'versions: { "a b": 1 }\n',
  'derivatives: { main: [1] }\n',
  'checksums: { 1: { md5: a } }\n',
  'checksums: { 1: { sha256: abc } }\n',
  'checksums: { 1: {} }\n',
  'checksum: a\n',
  'deb: {}\n',
  'deb: { release: "!" }\n',
  'deb: { release: 1, colour: blue }\n',
  'osi: text\n',
];

const INSTANCE = `name: Production
gpg: { name: ACME, email: packages@acme.example }
architectures: [x86_64]
formats:
  deb:
    - { name: bookworm, env: bookworm, tag: 12, components: main }
  osi:
    - { name: images }
derivatives:
  extra:
  full: { extends: extra, formats: [deb] }
`;
const WRONG_INSTANCES = [
  INSTANCE.replace('name: Production\n', ''),
  INSTANCE.replace('formats:', 'format:'),
  INSTANCE.replace('deb:', 'dbe:'),
  INSTANCE.replace('packages@acme.example', 'packages'),
  INSTANCE.replace('tag: 12', 'tag: "1 2"'),
  INSTANCE.replace('components: main', 'component: main'),
  INSTANCE.replace('[x86_64]', 'x86_64'),
  INSTANCE.replace('extends: extra', 'extend: extra'),
];

describe('the JSON Schemas', () => {
  let home: string;
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'fatbuildr-schemas-'));
    await mkdir(join(home, 'demo'));
    await mkdir(join(home, 'instances.d'));
  });
  afterAll(() => rm(home, { recursive: true }));

  const schemas = jsonSchemas();
  const valid = (name: string) => {
    const validate = new Ajv2020({ allErrors: true, strictTypes: false }).compile(schemas[name]!);
    return (text: string) => validate(parse(text));
  };
  const loadsDefinition = async (text: string) => {
    await writeFile(join(home, 'demo/artifact.yml'), text);
    const rules = Object.fromEntries(FORMAT_DEFINITIONS.map((format) => [format.name, format]));
    return loadDefinition(join(home, 'demo'), 'demo', rules).then(
      () => true,
      () => false,
    );
  };
  const loadsInstance = async (text: string) => {
    await writeFile(join(home, 'instances.d/one.yml'), text);
    return loadInstances(join(home, 'instances.d'), FORMAT_DESCRIPTIONS).then(
      () => true,
      () => false,
    );
  };

  it('are those that are published; "scripts/schemas" writes them', async () => {
    const folder = join(ROOT, 'docs/schemas');
    expect((await readdir(folder)).sort()).toEqual(Object.keys(schemas).sort());
    for (const [name, schema] of Object.entries(schemas)) {
      const published: unknown = JSON.parse(await readFile(join(folder, name), 'utf8'));
      expect(published).toEqual(JSON.parse(JSON.stringify(schema)));
    }
  });

  it('takes the definitions that are taken, and no others', async () => {
    const validate = valid('artifact.schema.json');
    for (const name of ['hello', 'libtally', 'tidy-names', 'door-sign', 'proverbs']) {
      expect(validate(await readFile(join(ROOT, 'examples', name, 'artifact.yml'), 'utf8'))).toBe(
        true,
      );
    }
    for (const text of DEFINITIONS) {
      expect([text, await loadsDefinition(text), validate(text)]).toEqual([text, true, true]);
    }
    for (const text of WRONG_DEFINITIONS) {
      expect([text, await loadsDefinition(text), validate(text)]).toEqual([text, false, false]);
    }
  });

  it('takes the instances that are taken, and no others', async () => {
    const validate = valid('instance.schema.json');
    expect([await loadsInstance(INSTANCE), validate(INSTANCE)]).toEqual([true, true]);
    for (const text of WRONG_INSTANCES) {
      expect([text, await loadsInstance(text), validate(text)]).toEqual([text, false, false]);
    }
  });
});
