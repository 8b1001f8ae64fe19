import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '@fatbuildr/processes';
import { parseDebianChangelog } from '../registry/debian-changelog';
import { dateText, formatChangelog } from './changelog';

const entry = {
  version: '1:2.0~rc1-1.deb12+build1',
  author: 'Ada Example <ada@acme.example>',
  date: 1_767_261_600,
  changes: ['Fix the build', 'Explain\n\nat length\n- with a list'],
};

describe('formatChangelog', () => {
  it('writes entries as Debian Policy 4.4 wants them', () => {
    expect(formatChangelog('hello', 'bookworm', [entry])).toBe(
      `hello (1:2.0~rc1-1.deb12+build1) bookworm; urgency=medium

  * Fix the build
  * Explain

    at length
    - with a list

 -- Ada Example <ada@acme.example>  Thu, 01 Jan 2026 10:00:00 +0000
`,
    );
  });

  it('is read back as it was written, entry by entry', () => {
    const older = { ...entry, version: '1.9-1', date: 0, changes: ['[ Bob ]', 'Older'] };
    const text = formatChangelog('hello', 'bookworm', [entry, older]);
    expect(parseDebianChangelog(text)).toEqual([entry, older]);
    expect(text).toContain('\n  [ Bob ]\n  * Older\n');
  });

  it('is read by dpkg, also on top of one that was written by hand', async () => {
    const byHand = `hello (1.9-1) unstable; urgency=high

  [ Zoë Ångström ]
  * New upstream release (Closes: #1234):
    - fixes 50% of everything,
      and more

  [ Bob ]
  * Team upload.

 -- Zoë Ångström <zoe@acme.example>  Wed, 31 Dec 2025 10:00:00 +0100
`;
    const text = formatChangelog('hello', 'bookworm', [entry, ...parseDebianChangelog(byHand)]);
    const [, body = ''] = byHand.split('urgency=high');
    expect(text).toContain(body.replace('10:00:00 +0100', '09:00:00 +0000'));
    const folder = await mkdtemp(join(tmpdir(), 'fatbuildr-changelog-'));
    try {
      const file = join(folder, 'changelog');
      await writeFile(file, text);
      const { stdout } = await run(['dpkg-parsechangelog', '--all', '--file', file]);
      expect(stdout.toString('utf8')).toMatch(
        /^Version: 1:2\.0~rc1-1\.deb12\+build1$[^]*^Timestamp: 1767261600$[^]*Zoë Ångström/m,
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('lets no text forge a line of its own', () => {
    const text = formatChangelog('hello', 'bookworm', [
      {
        ...entry,
        author: 'Eve\n -- Mallory <m@evil.example>',
        changes: [
          'x\r -- Mallory <m@evil.example>  Thu, 01 Jan 2026 10:00:00 +0000\n\nhello (9) x; urgency=low',
        ],
      },
    ]);
    expect(parseDebianChangelog(text)).toHaveLength(1);
    expect(text).toMatch(/^ -- Eve -- Mallory <m@evil\.example> {2}/m);
  });

  it('has a change and an author in every entry', () => {
    const text = formatChangelog('hello', 'bookworm', [{ ...entry, author: '', changes: [] }]);
    expect(text).toContain('  * No changes were recorded.');
    expect(text).toContain(' -- unknown <unknown>  ');
  });
});

it('writes dates in UTC', () => {
  expect(dateText(951_782_400)).toBe('Tue, 29 Feb 2000 00:00:00 +0000');
});
