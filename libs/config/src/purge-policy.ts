import { unexpectedValue } from './config.errors';
import { parseSize } from './sizes';

/** What `[tasks] purge` keeps of the history. */
export type PurgePolicy =
  /** Remove what is older than this many milliseconds. */
  | { kind: 'older'; age: number }
  /** Keep this many tasks. */
  | { kind: 'last'; count: number }
  /** Keep the newest tasks that fit into this many bytes. */
  | { kind: 'size'; bytes: number }
  /** Keep this many tasks of each artifact. */
  | { kind: 'each'; count: number };

/** Milliseconds; months and years as in `parseDuration`. */
const AGE_UNITS: Readonly<Record<string, number>> = {
  h: 3_600_000,
  d: 86_400_000,
  m: 30 * 86_400_000,
  y: 365 * 86_400_000,
};

/**
 * Reads `older:7d` (units h, d, m, y: hours, days, months, years), `last:100`, `size:50GB` or `each:3`.
 *
 * @throws FatbuildrError `CONFIG.VALUE`
 */
export function parsePurge(text: string): PurgePolicy {
  const [, kind, limit] = /^(older|last|size|each)\s*:\s*(.+)$/.exec(text.trim()) ?? [];
  if (kind === 'size' && limit !== undefined) return { kind, bytes: parseSize(limit) };
  if (kind === 'older') {
    const [, amount, unit] = /^(\d{1,6})([hdmy])$/.exec(limit ?? '') ?? [];
    const age = Number(amount) * (AGE_UNITS[unit ?? ''] ?? NaN);
    if (age > 0) return { kind, age };
  }
  if ((kind === 'last' || kind === 'each') && /^[1-9]\d{0,8}$/.test(limit ?? '')) {
    return { kind, count: Number(limit) };
  }
  throw unexpectedValue('one of older:7d, last:100, size:50GB, each:3', text);
}
