import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aptPreferences, aptSources, relevantPackages } from './own-registry';

const source = (folder: string) => ({
  folder,
  suite: 'bookworm',
  components: ['extra', 'main'],
  keyring: join(folder, 'keyring.asc'),
});

describe('the own registry as a source of build dependencies', () => {
  it('is a local source that trusts its own key alone', () => {
    const mount = { folder: '/media', keyring: '/media/keyring.asc' };
    expect(aptSources(source('/srv'), mount)).toBe(
      'Types: deb\nURIs: file:/media\nSuites: bookworm\nComponents: extra main\nSigned-By: /media/keyring.asc\n',
    );
  });

  it('is preferred to the distribution, its most specific derivative most of all', () => {
    expect(aptPreferences(source('/srv'), 'ACME, [main]*')).toBe(
      'Package: *\nPin: release o=ACME? ?main??, c=extra\nPin-Priority: 990\n\n' +
        'Package: *\nPin: release o=ACME? ?main??, c=main\nPin-Priority: 989\n',
    );
  });
});

describe('relevantPackages', () => {
  let folder: string;
  const names = new Set(['liba-dev', 'mta']);

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fatbuildr-own-'));
  });

  afterEach(() => rm(folder, { recursive: true }));

  async function digest(...packages: string[]): Promise<string> {
    const place = join(folder, 'dists/bookworm/main/binary-amd64');
    await mkdir(place, { recursive: true });
    await writeFile(join(place, 'Packages'), packages.join('\n'));
    return relevantPackages(source(folder), 'amd64', names);
  }

  const stanza = (name: string, version: string, more = '') =>
    `Package: ${name}\nVersion: ${version}\n${more}`;

  it('change with a package of one of the names', async () => {
    expect(await digest(stanza('liba-dev', '1'))).not.toBe(await digest(stanza('liba-dev', '2')));
  });

  it('change with a new package that provides one of them', async () => {
    const before = await digest(stanza('liba-dev', '1'));
    const provider = stanza('postfix', '1', 'Provides: default, mta (= 1)\n');
    expect(await digest(stanza('liba-dev', '1'), provider)).not.toBe(before);
  });

  it('stay the same for all others', async () => {
    const before = await digest(stanza('liba-dev', '1'), stanza('hello', '1'));
    expect(await digest(stanza('hello', '2'), stanza('liba-dev', '1'))).toBe(before);
  });

  it('are none before the first publication', async () => {
    expect(await relevantPackages(undefined, 'amd64', names)).toBe(
      await relevantPackages(source(folder), 'amd64', names),
    );
  });
});
