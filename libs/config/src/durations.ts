import { unexpectedValue } from './config.errors';

const SECOND = 1;
const DAY = 86_400 * SECOND;

/**
 * Months and years have a fixed length, as in GnuPG: an expiry is stored as a number of seconds and
 * must not depend on the day it is computed.
 */
const DURATION_UNITS: Readonly<Record<string, number>> = {
  d: DAY,
  w: 7 * DAY,
  m: 30 * DAY,
  y: 365 * DAY,
};

/** OpenPGP counts an expiry in 32 bits of seconds, 136 years from the creation of the key. */
const LONGEST_DURATION = 100 * 365 * DAY;

/**
 * Reads a long duration: `10` or `10d` (days), `3w`, `6m` (30 days each), `2y` (365 days each).
 *
 * @returns seconds; `undefined` for `no` and `0`, which mean never
 * @throws FatbuildrError `CONFIG.VALUE`
 */
export function parseDuration(text: string): number | undefined {
  const written = text.trim();
  if (written === 'no') return undefined;
  const [, amount, unit] = /^(\d{1,9})([dwmy]?)$/.exec(written) ?? [];
  if (amount === undefined) {
    throw unexpectedValue('"no" or a duration such as 10 (days), 3w, 6m or 2y', text);
  }
  const seconds = Number(amount) * (DURATION_UNITS[unit || 'd'] ?? DAY);
  if (seconds > LONGEST_DURATION) throw unexpectedValue('at most 100 years', text);
  return seconds === 0 ? undefined : seconds;
}

/** Milliseconds. */
const INTERVAL_UNITS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** The longest delay of a Node timer, 2³¹ − 1 milliseconds; a longer one fires at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/**
 * Reads the length of a wait: `30s`, `10m` (minutes), `2h`, `1d`, `1w`.
 *
 * @returns milliseconds
 * @throws FatbuildrError `CONFIG.VALUE`
 */
export function parseInterval(text: string): number {
  const [, amount, unit] = /^(\d{1,9})([smhdw])$/.exec(text.trim()) ?? [];
  const milliseconds = Number(amount) * (INTERVAL_UNITS[unit ?? ''] ?? NaN);
  if (!(milliseconds > 0)) {
    throw unexpectedValue('a length of time such as 30s, 10m, 2h or 1d', text);
  }
  return milliseconds;
}

/** Writes a length of time as {@link parseInterval} reads it, in the greatest unit that leaves no rest. */
export function formatInterval(milliseconds: number): string {
  const units = Object.entries(INTERVAL_UNITS).reverse();
  const fitting = units.find(([, length]) => milliseconds % length === 0);
  return fitting === undefined ? `${milliseconds} ms` : `${milliseconds / fitting[1]}${fitting[0]}`;
}

/** {@link parseInterval} for what a timer of the process waits for. */
export function parseTimer(text: string): number {
  const milliseconds = parseInterval(text);
  if (milliseconds > LONGEST_TIMER) throw unexpectedValue('at most 24 days', text);
  return milliseconds;
}
