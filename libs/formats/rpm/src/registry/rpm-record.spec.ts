import { buildHeader, RpmHeader } from './rpm-header';
import { formatChangelog } from '../builder/changelog';
import { changelogOf, identify, rpmFileName } from './rpm-record';
import { TAG } from './rpm-tags';

const DEMO: Readonly<Partial<Record<number, string>>> = {
  [TAG.name]: 'demo',
  [TAG.version]: '1.0~rc1',
  [TAG.release]: '1.el9',
  [TAG.architecture]: 'x86_64',
  [TAG.sourceRpm]: 'lib-demo-1.0~rc1-1.el9.src.rpm',
};

function headerOf(texts: Readonly<Partial<Record<number, string>>>, epoch?: number): RpmHeader {
  const entries = Object.entries({ ...DEMO, ...texts })
    .filter(([, value]) => value !== undefined)
    .map(([tag, value]) => ({
      tag: Number(tag),
      type: 6,
      count: 1,
      data: Buffer.from(`${value}\0`),
    }));
  const number = Buffer.alloc(4);
  number.writeUInt32BE(epoch ?? 0);
  const epochs = epoch === undefined ? [] : [{ tag: TAG.epoch, type: 4, count: 1, data: number }];
  return new RpmHeader(buildHeader(63, [...entries, ...epochs]));
}

describe('identify', () => {
  it('knows a binary and its source', () => {
    const identity = identify(headerOf({}));
    expect(identity).toMatchObject({
      name: 'demo',
      version: '1.0~rc1-1.el9',
      architecture: 'x86_64',
      source: 'lib-demo',
      sourceVersion: '1.0~rc1-1.el9',
    });
    expect(rpmFileName(identity)).toBe('demo-1.0~rc1-1.el9.x86_64.rpm');
  });

  it('has the epoch in the version, and not in the name of the file', () => {
    const identity = identify(headerOf({}, 2));
    expect(identity).toMatchObject({
      version: '2:1.0~rc1-1.el9',
      sourceVersion: '2:1.0~rc1-1.el9',
    });
    expect(rpmFileName(identity)).toBe('demo-1.0~rc1-1.el9.x86_64.rpm');
  });

  it('knows a source by what it was not made of', () => {
    expect(identify(headerOf({ [TAG.sourceRpm]: undefined }))).toMatchObject({
      architecture: 'src',
      source: 'demo',
    });
  });

  it.each([
    ['a name that leads elsewhere', { [TAG.name]: '../../demo' }, /cannot be its name/],
    ['a hidden name', { [TAG.name]: '.demo' }, /cannot be its name/],
    ['a version of two lines', { [TAG.version]: '1\n2' }, /cannot be its version/],
    ['no release', { [TAG.release]: undefined }, /release is missing/],
    ['an architecture that leads elsewhere', { [TAG.architecture]: '..' }, /cannot be its arch/],
    ['a source that is none', { [TAG.sourceRpm]: 'demo.tar.gz' }, /not the name of a source/],
  ])('refuses %s', (_, texts, reason) => {
    expect(() => identify(headerOf(texts))).toThrow(reason);
  });
});

describe('the changelog of a package', () => {
  const NOON = 949_579_200;
  const changelog = (author: string, text: string) => {
    const number = Buffer.alloc(4);
    number.writeUInt32BE(NOON);
    const text8 = (tag: number, value: string) => ({
      ...{ tag, type: 8, count: 1 },
      data: Buffer.from(`${value}\0`),
    });
    const times = { tag: TAG.changelogTime, type: 4, count: 1, data: number };
    const entries = [times, text8(TAG.changelogName, author), text8(TAG.changelogText, text)];
    return changelogOf(new RpmHeader(buildHeader(63, entries)));
  };

  it('has a change for each bullet, with its further lines, paragraphs and lists', () => {
    const text = '- Explain\n\n  at length:\n  - with a list\n    of two lines\n- Second change';
    expect(changelog('Zoë Ångström <zoe@acme.example> - 1.0-1', text)).toEqual([
      {
        ...{ version: '1.0-1', author: 'Zoë Ångström <zoe@acme.example>', date: NOON },
        changes: ['Explain\n\nat length:\n- with a list\n  of two lines', 'Second change'],
      },
    ]);
  });

  it('is written as it was read, also when it was written by hand', () => {
    for (const [author, text] of [
      [
        'Zoë Ångström <zoe@acme.example> - 1.0-1',
        '- Explain\n\n  at length:\n  - 50% more\n- Then',
      ],
      ['Zoë Ångström <zoe@acme.example>', '- Without a version'],
      ['Zoë Ångström', '- Without an address'],
    ] as const) {
      const written = formatChangelog(changelog(author, text));
      expect(written).toBe(`* Thu Feb 03 2000 ${author}\n${text.replaceAll('%', '%%')}\n`);
    }
    const odd = formatChangelog(changelog('Bob 1.0-1', ' * Indented\n   further\n * Bullets'));
    expect(odd).toBe('* Thu Feb 03 2000 Bob 1.0-1\n- Indented\n  further\n- Bullets\n');
  });
});
