import type { ChangelogEntry } from '@fatbuildr/protocol';

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * The text of debian/changelog (Debian Policy 4.4).
 *
 * @param distribution named by every entry: the registry keeps none with the older ones
 * @param entries newest first
 */
export function formatChangelog(
  source: string,
  distribution: string,
  entries: readonly ChangelogEntry[],
): string {
  return entries
    .map(({ version, author, date, changes }) =>
      [
        `${source} (${version}) ${distribution}; urgency=medium`,
        '',
        ...(changes.length > 0 ? changes : ['No changes were recorded.']).flatMap(changeLines),
        '',
        ` -- ${authorText(author)}  ${dateText(date)}`,
        '',
      ].join('\n'),
    )
    .join('\n');
}

/** `Thu, 01 Jan 2026 10:00:00 +0000`; @param seconds since the epoch */
export function dateText(seconds: number): string {
  const date = new Date(seconds * 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${DAYS[date.getUTCDay()]}, ${two(date.getUTCDate())} ${MONTHS[date.getUTCMonth()]}`;
  const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(':');
  return `${day} ${date.getUTCFullYear()} ${time} +0000`;
}

function changeLines(change: string, index: number): string[] {
  const [first = '', ...more] = change.split('\n').map((line) => printable(line).trimEnd());
  // The name of one of several authors stands on a line of its own, apart from the changes of others.
  const isName = /^\[ .* \]$/.test(first);
  const heading = isName ? `  ${first}` : `  * ${first.trimStart()}`;
  return [
    ...(isName && index > 0 ? [''] : []),
    heading.trimEnd(),
    ...more.map((line) => (line === '' ? '' : `    ${line}`)),
  ];
}

/** `Name <address>`, which dpkg insists on. */
function authorText(author: string): string {
  const text = printable(author).trim();
  const match = /^([^<>]*)<([^<>\s]+)>$/.exec(text);
  const name = (match?.[1] ?? text).replace(/[<>]/g, '').replace(/\s+/g, ' ').trim();
  return `${name || 'unknown'} <${match?.[2] ?? 'unknown'}>`;
}

/** Without control characters, which could begin a line of their own. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ');
}
