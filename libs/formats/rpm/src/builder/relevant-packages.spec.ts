import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { formatRepomd, indexFileName } from '../registry/repomd';
import { relevantPackages } from './relevant-packages';

const entry = (name: string, checksum: string, provides: string) =>
  `<package type="rpm"><name>${name}</name><arch>noarch</arch>` +
  `<checksum type="sha256" pkgid="YES">${checksum}</checksum><format>` +
  `<rpm:provides><rpm:entry name="${provides}"/></rpm:provides>` +
  `<rpm:requires><rpm:entry name="needed"/></rpm:requires></format></package>`;

describe('published packages that a layer could contain', () => {
  let repository: string;
  beforeEach(async () => {
    repository = await mkdtemp(join(tmpdir(), 'fatbuildr-relevant-'));
    await mkdir(join(repository, 'repodata'));
  });
  afterEach(() => rm(repository, { recursive: true }));

  async function digest(names: string[], ...entries: string[]): Promise<string> {
    const primary = gzipSync(entries.join('\n'));
    const index = {
      ...{ sha256: createHash('sha256').update(primary).digest('hex'), size: primary.length },
      ...{ openSha256: '0', openSize: 1, timestamp: 1 },
    };
    const repomd = formatRepomd(1, { primary: index, filelists: index, other: index });
    await writeFile(join(repository, 'repodata/repomd.xml'), repomd);
    await writeFile(join(repository, 'repodata', indexFileName('primary', index)), primary);
    return relevantPackages([repository], new Set(names));
  }

  it('change it by name, by what they provide, and by their content', async () => {
    const none = await digest(['a', 'font(:lang=x&y)']);
    const [a, b, c] = [
      entry('a', '01', 'x'),
      entry('b', '02', 'font(:lang=x&amp;y)'),
      entry('c', '03', 'x'),
    ];
    expect(await digest(['a', 'needed'], b, c)).toBe(none);
    expect(await digest(['a'], a, c)).not.toBe(none);
    expect(await digest(['a'], a, c)).toBe(await digest(['a'], a));
    expect(await digest(['a'], entry('a', '04', 'x'))).not.toBe(await digest(['a'], a));
    expect(await digest(['font(:lang=x&y)'], b)).not.toBe(none);
  });
});
