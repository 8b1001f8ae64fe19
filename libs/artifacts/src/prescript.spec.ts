import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadPrescript } from './prescript';
import { formatPrescriptLock, loadPrescriptLock, parsePrescriptLock } from './prescript-lock';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fatbuildr-prescript-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function rules(script: string, target: { format?: string; distribution?: string } = {}) {
  await writeFile(join(folder, 'pre.sh'), script);
  const found = await loadPrescript(folder, { format: 'rpm', distribution: 'el8', ...target });
  return { dependencies: found!.dependencies, tarballs: found!.tarballs };
}

describe('loadPrescript', () => {
  it('gives nothing where there is none', async () => {
    expect(await loadPrescript(folder, { format: 'deb', distribution: 'x' })).toBeUndefined();
  });

  it('reads old and new spellings, and leaves other comments alone', async () => {
    const script = '#!/bin/bash\n# PRESCRIPT_DEPS no\n#PREPARE\n';
    expect(await rules(`${script}#PRESCRIPT_DEPS  a b a \n#PRESCRIPT_TARBALLS x/y\r\n`)).toEqual({
      ...{ dependencies: ['a', 'b'], tarballs: ['x/y'] },
    });
    expect(await rules(`${script}#PREDEPS a\n#PRETARBALLS node_modules v`)).toEqual({
      ...{ dependencies: ['a'], tarballs: ['node_modules', 'v'] },
    });
    expect(await rules(script)).toEqual({ dependencies: [], tarballs: [] });
  });

  it('takes the first that fits, distribution before format before all', async () => {
    const script = `
#PRESCRIPT_DEPS plain
#PRESCRIPT_DEPS@formats:rpm,deb format
#PRESCRIPT_DEPS@distributions:el8,el9 module:nodejs:18 distribution
#PRESCRIPT_DEPS@distributions:el8 late
#PRESCRIPT_TARBALLS vendor
#PRESCRIPT_TARBALLS@formats:deb
`;
    const [el8, deb, other] = await Promise.all([
      rules(script),
      rules(script, { format: 'deb', distribution: 'bookworm' }),
      rules(script, { format: 'other', distribution: 'x' }),
    ]);
    expect(el8).toEqual({
      ...{ dependencies: ['module:nodejs:18', 'distribution'], tarballs: ['vendor'] },
    });
    expect(deb).toEqual({ dependencies: ['format'], tarballs: [] });
    expect(other).toEqual({ dependencies: ['plain'], tarballs: ['vendor'] });
  });

  it.each([
    ['#PRESCRIPT_DEBS a', 'pre.sh: line 2: unknown rule "PRESCRIPT_DEBS"'],
    ['#PRESCRIPT_DEPS@releases:el8 a', 'pre.sh: line 2: expected "@distributions:NAME'],
    ['#PREDEPS@ a', 'pre.sh: line 2: expected'],
    ['#PRESCRIPT_TARBALLS ../x', '"../x" is no folder of the source tree'],
    ['#PRESCRIPT_TARBALLS /etc', '"/etc" is no folder of the source tree'],
    ['#PRESCRIPT_TARBALLS .', '"." is no folder of the source tree'],
  ])('refuses %s', async (line, message) => {
    await expect(rules(`#!/bin/bash\n${line}\n`)).rejects.toThrow(message);
  });
});

describe('a lock', () => {
  const [one, two] = ['1'.repeat(64), '2'.repeat(64)];

  it('is read as it was written, sorted', async () => {
    const text = formatPrescriptLock(
      new Map([
        ['https://b.example/x?y=1', two],
        ['http://a.example/', one],
      ]),
    );
    expect(text.split('\n').slice(1)).toEqual([
      `${one}  http://a.example/`,
      `${two}  https://b.example/x?y=1`,
      '',
    ]);
    await writeFile(join(folder, 'prescript.lock'), text);
    expect(formatPrescriptLock((await loadPrescriptLock(folder))!)).toBe(text);
  });

  it.each([
    ['a word', 'line 2: expected a SHA-256'],
    [`${one} ftp://a.example/`, 'line 2: expected a SHA-256'],
    [`${one} http://a/\n${two} http://a/`, 'line 3: http://a/ has a line already'],
  ])('is refused: %s', (text, message) => {
    expect(() => parsePrescriptLock(`# comment\n${text}\n`)).toThrow(`prescript.lock: ${message}`);
  });
});
