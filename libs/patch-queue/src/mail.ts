import type { Person } from './git';

/** A commit that `git am` shall make. */
export interface Mail {
  message: string;
  author: Person;
  date: string;
  diff: Buffer;
}

/** Lines that `git am` takes for the begin of the patch. */
const BEGIN = /^(?=diff -|Index: |---)/gm;

/** A mail for `git am`. Encoded as a whole, so that no byte of the patch is changed on the way. */
export function writeMail({ message, author, date, diff }: Mail): string {
  const [title = '', ...text] = message.replace(BEGIN, ' ').split('\n');
  const body = Buffer.concat([Buffer.from(`${text.join('\n')}\n---\n`), diff]);
  const lines = body.toString('base64').match(/.{1,76}/g) ?? [];
  return [
    `From ${'0'.repeat(40)} Mon Sep 17 00:00:00 2001`,
    `From: ${encodeWord(author.name)} <${author.email}>`,
    `Date: ${date}`,
    `Subject: ${encodeWord(title)}`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=UTF-8',
    'Content-Transfer-Encoding: base64',
    '',
    ...lines,
    '',
  ].join('\n');
}

/** As RFC 2047 has it. */
const encodeWord = (text: string) => `=?UTF-8?B?${Buffer.from(text).toString('base64')}?=`;
