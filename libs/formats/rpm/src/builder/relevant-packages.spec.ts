import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
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
    await writeFile(
      join(repository, 'repodata/repomd.xml'),
      '<repomd><data type="filelists"><location href="repodata/f.xml.gz"/></data>\n' +
        '<data type="primary">\n<location href="repodata/p.xml.gz"/></data></repomd>',
    );
    await writeFile(join(repository, 'repodata/p.xml.gz'), gzipSync(entries.join('\n')));
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
