import type { ChangelogEntry } from '@fatbuildr/protocol';

/** First line of an entry: `source (version) distributions; key=value` (Debian Policy 4.4). */
const HEADING = /^\S+ \(([^()\s]+)\)[^;]*;/;
const TRAILER = /^ -- (.*?)[ \t]*$/;

/** A line below a bullet, or in a paragraph of its text: indented deeper than bullets are. */
const DEEPER = /^(?: {4}|\t)/;

/**
 * Entries of a debian/changelog, newest first. Each bullet is one change, its further lines and paragraphs
 * joined by line ends with the indentation of the bullet removed; text outside of bullets (`[ Name ]`) is a
 * change, too. What is no entry (editor settings at the end, an old format) is passed over.
 */
export function parseDebianChangelog(text: string): ChangelogEntry[] {
  const entries: ChangelogEntry[] = [];
  let entry: { version: string; changes: Changes } | undefined;
  for (const raw of text.split('\n')) {
    const line = raw.trimEnd();
    const heading = HEADING.exec(line);
    const trailer = TRAILER.exec(line);
    if (heading) entry = { version: heading[1] ?? '', changes: new Changes() };
    else if (entry && trailer) {
      const { version, changes } = entry;
      entries.push({ version, ...authorAndDate(trailer[1] ?? ''), changes: changes.all });
      entry = undefined;
    } else if (entry && (line === '' || /^\s/.test(line))) entry.changes.add(line);
  }
  return entries;
}

/** The changes of one entry, line by line. */
class Changes {
  readonly all: string[] = [];
  /** Whether the last change may go on. */
  private open = false;
  private emptyLines = 0;

  add(line: string): void {
    if (line === '') {
      this.emptyLines += 1;
      return;
    }
    const bullet = /^ {1,3}[*+-](?:[ \t]+(.*))?$/.exec(line);
    const heading = /^ {1,3}(\[ .* \])$/.exec(line);
    const last = this.all.length - 1;
    if (!bullet && !heading && this.open && (this.emptyLines === 0 || DEEPER.test(line))) {
      const more = line.replace(/^(?: {1,4}|\t)/, '');
      this.all[last] += `${'\n'.repeat(this.emptyLines + 1)}${more}`;
    } else {
      this.all.push(bullet ? (bullet[1] ?? '') : line.trim());
      // What follows the name of an author begins anew.
      this.open = !heading;
    }
    this.emptyLines = 0;
  }
}

/** `Name <address>  Thu, 01 Jan 2026 10:00:00 +0100`; two blanks stand between (Debian Policy 4.4). */
function authorAndDate(text: string): { author: string; date: number } {
  const parts = /^(.*?>?)[ \t]{2,}(.*)$/.exec(text);
  const author = (parts?.[1] ?? text).trim();
  const milliseconds = Date.parse(parts?.[2] ?? '');
  return { author, date: Number.isNaN(milliseconds) ? 0 : Math.floor(milliseconds / 1000) };
}
