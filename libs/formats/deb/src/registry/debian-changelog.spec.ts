import { parseDebianChangelog } from './debian-changelog';

const TWO = `libdemo (1:1.0~rc1-2.deb12+build1) bookworm; urgency=medium

  * Say hello
    and mean it
      with emphasis
  * Second change

  [ Ångström ]
  * Third change

 -- Ada Lovelace <ada@acme.example>  Thu, 01 Jan 2026 10:00:00 +0100

libdemo (0.9-1) bookworm unstable; urgency=low, binary-only=yes

  - First release

 -- Grace  Wed, 31 Dec 2025 10:00:00 -0500

Local variables:
mode: debian-changelog
End:
`;

describe('parseDebianChangelog', () => {
  it('reads entries newest first, a change for each bullet with its further lines', () => {
    expect(parseDebianChangelog(TWO)).toEqual([
      {
        version: '1:1.0~rc1-2.deb12+build1',
        author: 'Ada Lovelace <ada@acme.example>',
        date: Date.UTC(2026, 0, 1, 9) / 1000,
        changes: [
          'Say hello\nand mean it\n  with emphasis',
          'Second change',
          '[ Ångström ]',
          'Third change',
        ],
      },
      {
        version: '0.9-1',
        author: 'Grace',
        date: Date.UTC(2025, 11, 31, 15) / 1000,
        changes: ['First release'],
      },
    ]);
  });

  it('keeps paragraphs and lists of a change written by hand together', () => {
    const text = `demo (1-1) sid; urgency=low

  * Say hello:

    at length
    - with a list
      of two lines

  A note
  of two lines.
  *
 * Close to the edge
   and on

 -- Ada <a@acme.example>  Thu, 01 Jan 2026 10:00:00 +0000
`;
    expect(parseDebianChangelog(text)[0]?.changes).toEqual([
      'Say hello:\n\nat length\n- with a list\n  of two lines',
      'A note\nof two lines.',
      '',
      'Close to the edge\nand on',
    ]);
  });

  it('gives no entry for one without a trailer, nor for other text', () => {
    expect(parseDebianChangelog('demo (1) sid; urgency=low\n\n  * cut off\n')).toEqual([]);
    expect(parseDebianChangelog('Changes in 1.0:\n  * upstream words\n')).toEqual([]);
    expect(parseDebianChangelog('')).toEqual([]);
  });

  it('keeps an entry whose date cannot be read', () => {
    const text = 'demo (1) sid; urgency=low\n\n  * x\n\n -- Ada <a@acme.example>  yesterday\n';
    expect(parseDebianChangelog(text)).toEqual([
      { version: '1', author: 'Ada <a@acme.example>', date: 0, changes: ['x'] },
    ]);
  });
});
