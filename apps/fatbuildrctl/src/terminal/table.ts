import Table from 'cli-table3';
import type { Colors } from './terminal';

const NO_BORDERS = Object.fromEntries(
  [
    ...['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left'],
    ...['bottom-right', 'left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'],
  ].map((part) => [part, '']),
);

/** A text, or a text with the colour it is painted in. */
export type Cell = string | { text: string; paint: (text: string) => string };

/** Rows in columns without borders, so that lines can be cut and searched. */
export function table(
  headings: readonly string[],
  rows: readonly (readonly Cell[])[],
  colors: Colors,
): string {
  const drawn = new Table({
    head: headings.map((heading) => colors.bold(heading)),
    chars: { ...NO_BORDERS, middle: '  ' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  drawn.push(...rows.map((row) => row.map(painted)));
  return trimLines(drawn.toString());
}

function painted(cell: Cell): string {
  return typeof cell === 'string' ? printable(cell) : cell.paint(printable(cell.text));
}

/** Names and values below each other, the values aligned. */
export function card(rows: readonly (readonly [string, string])[], colors: Colors): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows
    .map(([name, value]) => `${colors.bold(name.padEnd(width))}  ${printable(value)}`)
    .join('\n');
}

/** Control characters in names and messages of others must not reach the terminal. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, (sign) => (sign === '\n' || sign === '\t' ? sign : '?'));
}

function trimLines(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** `1 error`, `2 errors` */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** Seconds since the epoch as `2026-11-03 14:05:00` in local time. */
export function localTime(seconds: number): string {
  const date = new Date(seconds * 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')}`;
}

/** Bytes as people read them; -1 is unknown. */
export function readableSize(bytes: number): string {
  if (bytes < 0) return '-';
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** Seconds as `42 s` or `3 min 05 s`. */
export function readableDuration(seconds: number): string {
  const whole = Math.floor(seconds);
  return whole < 60
    ? `${whole} s`
    : `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
}

/** Seconds as `0:42`, `3:05` or `1:02:03`. */
export function clock(seconds: number): string {
  const whole = Math.floor(seconds);
  const two = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  return `${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(whole % 60)}`;
}
