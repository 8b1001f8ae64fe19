import {
  formatCommitMessage,
  formatPatchHeader,
  parseCommitMessage,
  parsePatchHeader,
} from './patch-description';

const DEP3 = `Description: Greet politely
 Users asked for it.
 .
 Twice.
Author: Jörg Müller <joerg@acme.example>
Origin: upstream, https://acme.example/1
Bug-Debian: https://bugs.acme.example/2
 as well as 3
Distributions: el8, el9
Last-Update: 2024-02-29
`;

describe('a header of DEP-3', () => {
  it('becomes the message of a commit, and is the same when it comes back', () => {
    const parsed = parsePatchHeader(`${DEP3}\n`);
    expect(parsed).toMatchObject({
      author: { name: 'Jörg Müller', email: 'joerg@acme.example' },
      date: '2024-02-29T00:00:00Z',
    });
    const message = formatCommitMessage(parsed);
    expect(message).toBe(`Greet politely

Users asked for it.

Twice.

Origin: upstream, https://acme.example/1
Bug-Debian: https://bugs.acme.example/2
 as well as 3
Distributions: el8, el9
`);
    const back = formatPatchHeader(parseCommitMessage(message), parsed.author, '2024-02-29');
    expect(back.split('\n').sort()).toEqual(DEP3.split('\n').sort());
    expect(parsePatchHeader(back)).toEqual(parsed);
  });

  it('keeps authors that no commit can have, and a date besides that of the mail', () => {
    const header = `Subject: x
Author: A <a@acme.example>, B <b@acme.example>
Date: Thu, 3 Feb 2000 10:00:00 +0100
Last-Update: 2001-01-01
`;
    const parsed = parsePatchHeader(header);
    expect(parsed).toMatchObject({ author: undefined, date: 'Thu, 3 Feb 2000 10:00:00 +0100' });
    expect(formatPatchHeader(parsed, { name: 'Me', email: 'me' }, '2026-01-01')).toBe(
      'Description: x\nAuthor: A <a@acme.example>, B <b@acme.example>\nLast-Update: 2001-01-01\n',
    );
  });

  it('is read where dpkg puts it, too', () => {
    const { fields, text } = parsePatchHeader(`Description: x
---
The information above should follow the guidelines.

Forwarded: no
`);
    expect({ fields, text }).toEqual({ fields: [['Forwarded', 'no']], text: '' });
  });
});

describe('a header of git format-patch', () => {
  it('is read with its encoded words, folded subject, text and fields', () => {
    const parsed =
      parsePatchHeader(`From 0123456789abcdef0123456789abcdef01234567 Mon Sep 17 00:00:00 2001
From: =?UTF-8?q?J=C3=B6rg=20M=C3=BCller?= <joerg@acme.example>
Date: Thu, 3 Feb 2000 10:00:00 +0100
Subject: [PATCH 2/3] A subject that is so long
 that mail folds it
MIME-Version: 1.0

Text that says: why.
Formats: rpm

Signed-off-by: A <a@acme.example>
Signed-off-by: B <b@acme.example>
---
 text | 2 +-
 1 file changed, 1 insertion(+), 1 deletion(-)

`);
    expect(parsed).toEqual({
      title: 'A subject that is so long that mail folds it',
      text: 'Text that says: why.',
      author: { name: 'Jörg Müller', email: 'joerg@acme.example' },
      date: 'Thu, 3 Feb 2000 10:00:00 +0100',
      fields: [
        ['Formats', 'rpm'],
        ['Signed-off-by', 'A <a@acme.example>'],
        ['Signed-off-by', 'B <b@acme.example>'],
      ],
    });
  });
});

describe('other headers', () => {
  it('are free text, the first line of it the title, or nothing', () => {
    expect(parsePatchHeader('Fix it\nfor good\n')).toMatchObject({
      ...{ title: 'Fix it', text: 'for good', fields: [], author: undefined, date: undefined },
    });
    expect(parsePatchHeader('')).toMatchObject({ title: '', text: '', fields: [] });
  });
});

describe('a commit message', () => {
  it('may have fields of ours in its text, and no others', () => {
    expect(
      parseCommitMessage(
        'Title\n\nNote: this is text\nand more\nGeneric: yes\n\nBug: 1\n\nForwarded: no\n',
      ),
    ).toEqual({
      title: 'Title',
      text: 'Note: this is text\nand more',
      fields: [
        ['Generic', 'yes'],
        ['Bug', '1'],
        ['Forwarded', 'no'],
      ],
    });
  });
});
