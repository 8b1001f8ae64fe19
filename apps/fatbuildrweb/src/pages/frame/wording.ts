/** How numbers and times are written on pages. All times are UTC: servers and readers are far apart. */

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `4.2 s`, `3 min 07 s`, `2 h 05 min`, `3 d 4 h`. */
export function durationText(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds) / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < MINUTE) return `${whole} s`;
  if (whole < HOUR) return `${Math.floor(whole / MINUTE)} min ${twoDigits(whole % MINUTE)} s`;
  if (whole < DAY) {
    return `${Math.floor(whole / HOUR)} h ${twoDigits(Math.floor((whole % HOUR) / MINUTE))} min`;
  }
  return `${Math.floor(whole / DAY)} d ${Math.floor((whole % DAY) / HOUR)} h`;
}

const twoDigits = (value: number) => String(value).padStart(2, '0');

/** `12 minutes ago`; the future is `in 3 days`. */
export function agoText(milliseconds: number, now: number): string {
  const seconds = Math.round((now - milliseconds) / 1000);
  const text = spanText(Math.abs(seconds));
  if (text === undefined) return 'just now';
  return seconds >= 0 ? `${text} ago` : `in ${text}`;
}

/** `12 minutes`; `undefined` for what is not worth a number. */
function spanText(seconds: number): string | undefined {
  if (seconds < MINUTE) return undefined;
  if (seconds < HOUR) return counted(Math.floor(seconds / MINUTE), 'minute');
  if (seconds < 2 * DAY) return counted(Math.floor(seconds / HOUR), 'hour');
  return counted(Math.floor(seconds / DAY), 'day');
}

/** `1 task`, `2 tasks`. */
export function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}

const UNITS = ['kB', 'MB', 'GB', 'TB'] as const;

/** `512 B`, `1.4 MB`: decimal, as disks and networks count. */
export function sizeText(bytes: number): string {
  if (bytes < 0) return 'unknown';
  if (bytes < 1000) return `${bytes} B`;
  let value = bytes;
  let unit = -1;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value.toFixed(value < 10 ? 1 : 0)} ${UNITS[unit]}`;
}

/** A moment for a `<time>`: for machines, in full, and from now. */
export interface Moment {
  iso: string;
  full: string;
  ago: string;
}

export function moment(milliseconds: number, now: number): Moment {
  const iso = new Date(milliseconds).toISOString();
  return {
    iso,
    full: `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`,
    ago: agoText(milliseconds, now),
  };
}
