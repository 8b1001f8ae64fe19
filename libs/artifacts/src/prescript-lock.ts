import { FatbuildrError } from '@fatbuildr/errors';
import { readInside } from './safe-folder';

/** Name of the lock in a definition. */
export const PRESCRIPT_LOCK = 'prescript.lock';

const MAX_BYTES = 4 * 1024 * 1024;
const HEADER =
  '# What pre.sh fetches: SHA-256 and URL. "fatbuildrctl build --update-lock" writes this file.\n';

/** URL of what a prescript fetches by `DL` → its SHA-256. */
export type PrescriptLock = ReadonlyMap<string, string>;

/**
 * The lock of a definition: lines of a SHA-256, blanks and a URL. Empty lines and those that begin with `#`
 * say nothing.
 *
 * @returns `undefined` when there is none
 * @throws FatbuildrError `ARTIFACT.BAD_LOCK` with the line, `ARTIFACT.REFUSED_FILE`
 */
export async function loadPrescriptLock(folder: string): Promise<PrescriptLock | undefined> {
  const content = await readInside(folder, PRESCRIPT_LOCK, MAX_BYTES);
  return content === undefined ? undefined : parsePrescriptLock(content.toString('utf8'));
}

/** @throws FatbuildrError `ARTIFACT.BAD_LOCK` with the line */
export function parsePrescriptLock(text: string): PrescriptLock {
  const lock = new Map<string, string>();
  for (const [index, line] of text.split('\n').entries()) {
    if (/^\s*(?:#|$)/.test(line)) continue;
    const [, digest, url] = /^([0-9a-f]{64})\s+(https?:\/\/\S+)\s*$/.exec(line) ?? [];
    if (digest === undefined || url === undefined) {
      throw badLock(index + 1, 'expected a SHA-256 in lower case, blanks and a URL');
    }
    if (lock.has(url)) throw badLock(index + 1, `${url} has a line already`);
    lock.set(url, digest);
  }
  return lock;
}

/** The text of a lock, the same for the same content. */
export function formatPrescriptLock(lock: PrescriptLock): string {
  const lines = [...lock]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([url, digest]) => `${digest}  ${url}\n`);
  return HEADER + lines.join('');
}

function badLock(line: number, reason: string): FatbuildrError {
  return new FatbuildrError('ARTIFACT.BAD_LOCK', `${PRESCRIPT_LOCK}: line ${line}: ${reason}`, {
    file: PRESCRIPT_LOCK,
    line,
    reason,
  });
}
