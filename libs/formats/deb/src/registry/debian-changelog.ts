import type { ChangelogEntry } from '@fatbuildr/protocol';

/** First line of an entry: `source (version) distributions; key=value` (Debian Policy 4.4). */
const HEADING = /^\S+ \(([^()\s]+)\)[^;]*;/;
const TRAILER = /^ -- (.*?)[ \t]*$/;

/**
 * Entries of a debian/changelog, newest first. Each bullet is one change, its further lines joined by line
 * ends with the indentation of the bullet removed; lines outside of bullets (`[ Name ]`) are changes too.
 * What is no entry (editor settings at the end, an old format) is passed over.
 */
export function parseDebianChangelog(text: string): ChangelogEntry[] {
  const entries: ChangelogEntry[] = [];
  let entry: ChangelogEntry | undefined;
  let continues = false;
  for (const raw of text.split('\n')) {
    const line = raw.trimEnd();
    const heading = HEADING.exec(line);
    if (heading) {
      entry = { version: heading[1] ?? '', author: '', date: 0, changes: [] };
      continues = false;
      continue;
    }
    if (entry === undefined) continue;
    const trailer = TRAILER.exec(line);
    if (trailer) {
      entries.push({ ...entry, ...authorAndDate(trailer[1] ?? '') });
      entry = undefined;
    } else if (line === '') {
      continues = false;
    } else if (/^\s/.test(line)) {
      continues = addLine(entry.changes, line, continues);
    }
  }
  return entries;
}

/** @returns whether following lines may belong to the same change */
function addLine(changes: string[], line: string, continues: boolean): boolean {
  const bullet = /^ {1,3}[*+-][ \t]+(.*)$/.exec(line);
  if (bullet) {
    changes.push(bullet[1] ?? '');
    return true;
  }
  const last = changes.length - 1;
  if (continues) {
    changes[last] = `${changes[last]}\n${line.replace(/^ {1,4}/, '')}`;
    return true;
  }
  changes.push(line.trim());
  return false;
}

/** `Name <address>  Thu, 01 Jan 2026 10:00:00 +0100`; two blanks stand between (Debian Policy 4.4). */
function authorAndDate(text: string): { author: string; date: number } {
  const parts = /^(.*?>?)[ \t]{2,}(.*)$/.exec(text);
  const author = (parts?.[1] ?? text).trim();
  const milliseconds = Date.parse(parts?.[2] ?? '');
  return { author, date: Number.isNaN(milliseconds) ? 0 : Math.floor(milliseconds / 1000) };
}
