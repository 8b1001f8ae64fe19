import { asCount, asList, asText, compare, isDictionary, memberOf } from './template-members';

type Filter = (value: unknown, ...args: unknown[]) => unknown;
type Test = (value: unknown, ...args: unknown[]) => boolean;

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** Replaces what `git check-ref-format` forbids in a tag by `-`. */
export function gitTag(text: string): string {
  // Control characters, blanks and what Git gives a meaning; "..", "@{", "//", "/.".
  return text
    .replace(/[\p{Cc} ~^:?*[\\]|\.\.|@\{|\/\/|\/\./gu, '-')
    .replace(/^[/.@]$|^[/.]|[/.]$|\.lock$/g, '-');
}

/** A version as RPM wants it: `-` separates version and release there. */
export function rpmVersion(text: string): string {
  return text.replaceAll('-', '~');
}

/** Seconds since the epoch as the date of an RPM changelog, in UTC: `Thu Feb 03 2000`. */
export function rpmDate(seconds: number): string {
  const date = dateOf(seconds);
  const day = String(date.getUTCDate()).padStart(2, '0');
  return `${DAYS[date.getUTCDay()]} ${MONTHS[date.getUTCMonth()]} ${day} ${date.getUTCFullYear()}`;
}

/** Seconds since the epoch as ISO 8601 with a blank between, in UTC: `2000-02-03 04:05:06`. */
export function isoDate(seconds: number): string {
  return dateOf(seconds).toISOString().slice(0, 19).replace('T', ' ');
}

function dateOf(seconds: number): Date {
  const date = new Date(Math.trunc(seconds) * 1000);
  if (Number.isNaN(date.getTime())) {
    throw new Error(`expected a timestamp in seconds, got ${String(seconds)}`);
  }
  return date;
}

/** Ours, and those of Jinja2 that nunjucks lacks or gives another meaning. */
export const FILTERS: Readonly<Record<string, Filter>> = {
  gittag: (value) => gitTag(asText(value)),
  rpm_version: (value) => rpmVersion(asText(value)),
  timestamp_rpmdate: (value) => rpmDate(Number(value)),
  timestamp_iso: (value) => isoDate(Number(value)),
  attr: (value, name) => memberOf(value, name),
  count: (value) => (typeof value === 'string' ? value.length : asList(value).length),
  format: (value, ...args) => percentFormat(asText(value), args),
  items: (value) => (isDictionary(value) ? Object.entries(value) : []),
  list: (value) => (typeof value === 'string' ? [...value] : [...asList(value)]),
  map: (value, what, ...args) => {
    if (isDictionary(what)) {
      return asList(value).map((item) => memberOf(item, what.attribute) ?? what.default);
    }
    const filter = Object.hasOwn(FILTERS, asText(what)) ? FILTERS[asText(what)] : undefined;
    const method = (item: unknown) => memberOf(asText(item), MAPPED[asText(what)] ?? what);
    return asList(value).map((item) => {
      if (filter !== undefined) return filter(item, ...args);
      const found = method(item);
      if (typeof found !== 'function') throw new Error(`map: unknown filter "${asText(what)}"`);
      return (found as (...a: unknown[]) => unknown)(...args);
    });
  },
  int: (value, fallback = 0) => {
    const number = Number.parseFloat(asText(value));
    return typeof value === 'boolean'
      ? Number(value)
      : Number.isNaN(number)
        ? fallback
        : Math.trunc(number);
  },
  max: (value) => [...asList(value)].sort(compare).at(-1),
  min: (value) => [...asList(value)].sort(compare)[0],
  string: (value) => asText(value),
  tojson: (value) => JSON.stringify(value),
  trim: (value, chars) => call(asText(value), 'strip', chars),
  unique: (value) => [...new Set(asList(value))],
};

/** Jinja2 filters that are text methods under another name. */
const MAPPED: Readonly<Record<string, string>> = { trim: 'strip' };

/** Tests of Jinja2 that nunjucks lacks. */
export const TESTS: Readonly<Record<string, Test>> = {
  boolean: (value) => typeof value === 'boolean',
  false: (value) => value === false,
  float: (value) => typeof value === 'number' && !Number.isInteger(value),
  in: (value, container) =>
    typeof container === 'string'
      ? container.includes(asText(value))
      : asList(container).includes(value),
  integer: (value) => Number.isInteger(value),
  mapping: (value) => isDictionary(value),
  sequence: (value) => typeof value === 'string' || Array.isArray(value),
  true: (value) => value === true,
};

/** Functions templates can call; those of nunjucks are replaced, `range` has no bound there. */
export const GLOBALS: Readonly<Record<string, (...args: unknown[]) => unknown>> = {
  range: (...args) => {
    const [start, stop] = args.length > 1 ? [args[0], args[1]] : [0, args[0]];
    const step = asCount(args[2] ?? 1);
    if (step === 0) throw new Error('range: the step cannot be 0');
    const length = asCount(Math.max(0, Math.ceil((Number(stop) - Number(start)) / step)));
    return Array.from({ length }, (_, i) => Number(start) + i * step);
  },
  dict: (values) => {
    const { __keywords: _, ...own } = isDictionary(values) ? values : {};
    return own;
  },
};

function call(text: string, method: string, ...args: unknown[]): unknown {
  return (memberOf(text, method) as (...a: unknown[]) => unknown)(...args);
}

/** `"%s-%03d"|format(a, b)` */
function percentFormat(text: string, args: readonly unknown[]): string {
  let next = 0;
  return text.replace(
    /%(0?)(\d*)(?:\.(\d+))?([sdif%])/g,
    (found: string, zero: string, width: string, digits: string | undefined, kind: string) => {
      if (kind === '%') return '%';
      if (next >= args.length) throw new Error(`format: there is no value for "${found}"`);
      const value = args[next++];
      const shown =
        kind === 's'
          ? asText(value)
          : kind === 'f'
            ? Number(value).toFixed(Math.min(100, digits === undefined ? 6 : Number(digits)))
            : String(Math.trunc(Number(value)));
      return shown.padStart(asCount(width), zero === '0' ? '0' : ' ');
    },
  );
}
