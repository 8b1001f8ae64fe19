/** What a patch, or the commit it becomes, says of itself. */
export interface PatchDescription {
  /** One line; empty when there is none. */
  title: string;
  /** Free text in paragraphs. */
  text: string;
  /** All others, in their order. */
  fields: readonly PatchField[];
}

/** Name and value; further lines of the value begin with a space. */
export type PatchField = readonly [name: string, value: string];

/** What else the header of a patch has that a commit keeps apart from its message. */
export interface PatchOrigin {
  /** `undefined`: nobody is named, or more than one person in the fields. */
  author: { name: string; email: string } | undefined;
  /** As Git reads it. */
  date: string | undefined;
}

/** `Index: ` begins a patch. */
const FIELD = /^(?!Index:)([A-Za-z][A-Za-z0-9-]*):[ \t]*(.*)$/;
/** Fields that decide how a patch is applied; they count wherever a line begins with them. */
const OURS = /^(?:Distributions|Formats|Template|Generic):/i;
const AUTHOR = /^(?:Author|From)$/i;
const TITLE = /^(?:Description|Subject)$/i;
/** Of mail: nothing that is said of the patch. */
const ENVELOPE = /^(?:MIME-Version|Content-.*|Message-Id|In-Reply-To|References|X-.*)$/i;
const MAIL_DATE = /^(?:\w{3}, *)?\d{1,2} \w{3} \d{4} \d\d:\d\d(?::\d\d)? [+-]\d{4}$/;

/** Reads a header of DEP-3 (dep.debian.net/deps/dep3), of `git format-patch`, or free text. */
export function parsePatchHeader(header: string): PatchDescription & PatchOrigin {
  const lines = header.replace(/\r/g, '').split('\n');
  const isMail = /^From [0-9a-f]{7,64} /.test(lines[0] ?? '');
  if (isMail) lines.shift();
  const end = lines.indexOf('---');
  const [above, below] = end < 0 ? [lines, []] : [lines.slice(0, end), lines.slice(end + 1)];
  // Below is what Git counts and what dpkg explains, and the fields that dpkg puts there.
  const late = paragraphsOf(below).flatMap((lines) => fieldsOf(lines) ?? extract(lines).fields);
  const parts = paragraphsOf(above).map((lines) => {
    const fields = fieldsOf(lines);
    return fields === undefined ? extract(lines) : { fields, text: [] };
  });
  const all = [...parts.flatMap(({ fields }) => fields), ...late].filter(
    ([name]) => !ENVELOPE.test(name),
  );
  const named = (pattern: RegExp) => all.filter(([name]) => pattern.test(name));

  const [heading] = named(TITLE);
  const [dated] = named(/^Date$/i).filter(([, value]) => MAIL_DATE.test(value));
  const [updated] = named(/^Last-Update$/i).filter(([, value]) => /^\d{4}-\d\d-\d\d$/.test(value));
  const when = dated ?? updated;
  const authors = named(AUTHOR);
  const author = authors.map(([, value]) => personOf(value)).find((one) => one !== undefined);
  const alone = authors.length === 1 && author !== undefined ? authors[0] : undefined;

  const [first = '', ...more] = (heading?.[1] ?? '').split('\n');
  // Mail folds a long subject, DEP-3 has the long description there.
  const isFolded = isMail || dated !== undefined;
  const free = parts.map(({ text }) => text.join('\n')).filter(Boolean);
  const long = more.map((line) => line.slice(1)).map((line) => (line === '.' ? '' : line));
  const text = [...(isFolded ? [] : [long.join('\n')]), ...free].filter(Boolean).join('\n\n');
  const title = decodeWords(
    isFolded ? [first, ...more].map((line) => line.trim()).join(' ') : first,
  );
  const known = heading === undefined ? splitTitle(text) : { title: withoutTag(title), text };
  return {
    ...known,
    author,
    date: when && (when === dated ? when[1] : `${when[1]}T00:00:00Z`),
    fields: all.filter((field) => ![heading, when, alone].includes(field)),
  };
}

/** As DEP-3 has it. @param updated YYYY-MM-DD */
export function formatPatchHeader(
  { title, text, fields }: PatchDescription,
  author: PatchOrigin['author'],
  updated: string | undefined,
): string {
  const has = (pattern: RegExp) => fields.some(([name]) => pattern.test(name));
  const long = text === '' ? [] : text.split('\n').map((line) => ` ${line === '' ? '.' : line}`);
  const lines = [`Description: ${title}`, ...long];
  if (author && !has(AUTHOR)) lines.push(`Author: ${author.name} <${author.email}>`);
  lines.push(...fields.map(asLine));
  if (updated && !has(/^Last-Update$/i)) lines.push(`Last-Update: ${updated}`);
  return `${lines.join('\n')}\n`;
}

/** The fields as the last paragraph, where Git has its trailers. */
export function formatCommitMessage({ title, text, fields }: PatchDescription): string {
  return `${[title, text, fields.map(asLine).join('\n')].filter(Boolean).join('\n\n')}\n`;
}

export function parseCommitMessage(message: string): PatchDescription {
  const [title = '', ...rest] = message.replace(/\r/g, '').trim().split('\n');
  const paragraphs = paragraphsOf(rest);
  const parts = paragraphs.map((lines, index) => {
    const isLast = paragraphs.slice(index).every((one) => fieldsOf(one) !== undefined);
    return isLast ? { fields: fieldsOf(lines)!, text: [] } : extract(lines);
  });
  return {
    title: title.trim(),
    text: parts
      .map(({ text }) => text.join('\n'))
      .filter(Boolean)
      .join('\n\n'),
    fields: parts.flatMap(({ fields }) => fields),
  };
}

const asLine = ([name, value]: PatchField) => `${name}: ${value}`;

function paragraphsOf(lines: readonly string[]): string[][] {
  const paragraphs: string[][] = [[]];
  for (const line of lines) {
    if (line.trim() === '') paragraphs.push([]);
    else paragraphs.at(-1)!.push(line.trimEnd());
  }
  return paragraphs.filter((paragraph) => paragraph.length > 0);
}

/** The fields of a paragraph that has nothing else. */
function fieldsOf(lines: readonly string[]): PatchField[] | undefined {
  const fields: [string, string][] = [];
  for (const line of lines) {
    const [, name, value] = FIELD.exec(line) ?? [];
    if (name !== undefined) fields.push([name, value!]);
    else if (/^[ \t]/.test(line) && fields.length > 0) fields.at(-1)![1] += `\n ${line.slice(1)}`;
    else return undefined;
  }
  return fields;
}

/** Fields that count among free text. */
function extract(lines: readonly string[]): { fields: PatchField[]; text: string[] } {
  const taken: string[] = [];
  const text: string[] = [];
  let isField = false;
  for (const line of lines) {
    isField = OURS.test(line) || (isField && /^[ \t]/.test(line));
    (isField ? taken : text).push(line);
  }
  return { fields: fieldsOf(taken)!, text };
}

function splitTitle(text: string): { title: string; text: string } {
  const [title = '', ...rest] = text.split('\n');
  return { title: title.trim(), text: rest.join('\n').trim() };
}

const withoutTag = (title: string) =>
  title.replace(/^\s*(?:\[[^\]]*PATCH[^\]]*\]\s*)+/i, '').trim();

function personOf(value: string): PatchOrigin['author'] {
  const [, name = '', email = ''] = /^([^<>]+?)\s*<([^<>\s]*)>$/.exec(decodeWords(value)) ?? [];
  const plain = name.replace(/^"(.*)"$/, '$1').trim();
  return plain === '' ? undefined : { name: plain, email };
}

/** Words that mail encodes, as `=?UTF-8?q?J=C3=A9?=` (RFC 2047). */
function decodeWords(text: string): string {
  return text
    .replace(/(\?=)\s+(?==\?)/g, '$1')
    .replace(
      /=\?([\w-]+)\?([qb])\?([^?\s]*)\?=/gi,
      (word, charset: string, kind: string, data: string) => {
        const bytes =
          kind.toLowerCase() === 'b'
            ? Buffer.from(data, 'base64')
            : Buffer.from(
                data
                  .replace(/_/g, ' ')
                  .replace(/=([0-9A-F]{2})/gi, (_, hex: string) =>
                    String.fromCharCode(Number.parseInt(hex, 16)),
                  ),
                'latin1',
              );
        try {
          return new TextDecoder(charset).decode(bytes);
        } catch {
          return word;
        }
      },
    );
}
