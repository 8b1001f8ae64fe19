/**
 * What a template may ask of a value: its own data, and the Python methods that authors of Jinja2
 * templates expect. Nothing is looked up along the prototypes of JavaScript, so that a template
 * reaches no constructor and, with it, no code of ours.
 */

/** Width, count or size a template may ask for; more is a mistake or an attack. */
export const MAX_TEMPLATE_COUNT = 100_000;

type Method<T> = (
  self: T,
  args: readonly unknown[],
  named: Readonly<Record<string, unknown>>,
) => unknown;
type Dictionary = Record<string, unknown>;

const WHITESPACE = ' \t\n\r\f\v';

const TEXT_METHODS: Readonly<Record<string, Method<string>>> = {
  upper: (self) => self.toUpperCase(),
  lower: (self) => self.toLowerCase(),
  capitalize: (self) => self.slice(0, 1).toUpperCase() + self.slice(1).toLowerCase(),
  title: (self) =>
    self.replace(
      /\p{L}+/gu,
      (word) => word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase(),
    ),
  swapcase: (self) =>
    [...self].map((c) => (c === c.toUpperCase() ? c.toLowerCase() : c.toUpperCase())).join(''),
  strip: (self, [chars]) => stripRight(stripLeft(self, chars), chars),
  lstrip: (self, [chars]) => stripLeft(self, chars),
  rstrip: (self, [chars]) => stripRight(self, chars),
  startswith: (self, [prefix]) => asList(prefix).some((text) => self.startsWith(asText(text))),
  endswith: (self, [suffix]) => asList(suffix).some((text) => self.endsWith(asText(text))),
  removeprefix: (self, [prefix]) =>
    self.startsWith(asText(prefix)) ? self.slice(asText(prefix).length) : self,
  removesuffix: (self, [suffix]) =>
    asText(suffix) !== '' && self.endsWith(asText(suffix))
      ? self.slice(0, -asText(suffix).length)
      : self,
  split: (self, [sep, max], named) => split(self, sep ?? named.sep, max ?? named.maxsplit),
  rsplit: (self, [sep, max], named) => {
    const mirrored = split(mirror(self), mapText(sep ?? named.sep, mirror), max ?? named.maxsplit);
    return mirrored.map(mirror).reverse();
  },
  splitlines: (self) => (self === '' ? [] : self.replace(/\r?\n$/, '').split(/\r\n|\r|\n/)),
  partition: (self, [sep]) => {
    const at = self.indexOf(asText(sep));
    return at < 0
      ? [self, '', '']
      : [self.slice(0, at), asText(sep), self.slice(at + asText(sep).length)];
  },
  rpartition: (self, [sep]) => {
    const at = self.lastIndexOf(asText(sep));
    return at < 0
      ? ['', '', self]
      : [self.slice(0, at), asText(sep), self.slice(at + asText(sep).length)];
  },
  replace: (self, [from, to, count]) => {
    const parts = self.split(asText(from));
    const times = count === undefined ? parts.length : Number(count);
    if (times < 0 || times >= parts.length - 1) return parts.join(asText(to));
    return [parts.slice(0, times + 1).join(asText(to)), ...parts.slice(times + 1)].join(
      asText(from),
    );
  },
  join: (self, [list]) => asList(list).map(asText).join(self),
  find: (self, [text]) => self.indexOf(asText(text)),
  rfind: (self, [text]) => self.lastIndexOf(asText(text)),
  index: (self, [text]) => {
    const at = self.indexOf(asText(text));
    if (at < 0) throw new Error(`"${self}" does not hold "${asText(text)}"`);
    return at;
  },
  count: (self, [text]) => self.split(asText(text)).length - 1,
  zfill: (self, [width]) => {
    const sign = /^[+-]/.exec(self)?.[0] ?? '';
    return sign + self.slice(sign.length).padStart(asCount(width) - sign.length, '0');
  },
  ljust: (self, [width, fill]) => self.padEnd(asCount(width), asText(fill ?? ' ')),
  rjust: (self, [width, fill]) => self.padStart(asCount(width), asText(fill ?? ' ')),
  center: (self, [width, fill]) => {
    const left = self.length + Math.floor(Math.max(0, asCount(width) - self.length) / 2);
    return self.padStart(left, asText(fill ?? ' ')).padEnd(asCount(width), asText(fill ?? ' '));
  },
  isdigit: (self) => /^\p{Nd}+$/u.test(self),
  isdecimal: (self) => /^\p{Nd}+$/u.test(self),
  isnumeric: (self) => /^\p{N}+$/u.test(self),
  isalpha: (self) => /^\p{L}+$/u.test(self),
  isalnum: (self) => /^[\p{L}\p{N}]+$/u.test(self),
  isspace: (self) => /^\s+$/u.test(self),
  isupper: (self) => /\p{Lu}/u.test(self) && !/\p{Ll}/u.test(self),
  islower: (self) => /\p{Ll}/u.test(self) && !/\p{Lu}/u.test(self),
  format: (self, args, named) => {
    let next = 0;
    return self.replace(/\{\{|\}\}|\{(\w*)\}/g, (found: string, key: string | undefined) => {
      if (found === '{{' || found === '}}') return found.charAt(0);
      const value =
        key === undefined || key === ''
          ? args[next++]
          : /^\d+$/.test(key)
            ? args[Number(key)]
            : ownValue(named, key);
      if (value === undefined) throw new Error(`format: there is no value for "${found}"`);
      return asText(value);
    });
  },
};

const LIST_METHODS: Readonly<Record<string, Method<unknown[]>>> = {
  append: (self, [value]) => nothing(self.push(value)),
  extend: (self, [values]) => nothing(asList(values).forEach((value) => self.push(value))),
  insert: (self, [index, value]) => nothing(self.splice(Number(index), 0, value)),
  pop: (self, [index]) => {
    if (self.length === 0) throw new Error('pop from an empty list');
    return self.splice(index === undefined ? self.length - 1 : Number(index), 1)[0];
  },
  remove: (self, [value]) => {
    const at = self.indexOf(value);
    if (at < 0) throw new Error('the value to remove is not in the list');
    return nothing(self.splice(at, 1));
  },
  index: (self, [value]) => {
    const at = self.indexOf(value);
    if (at < 0) throw new Error('the value is not in the list');
    return at;
  },
  count: (self, [value]) => self.filter((element) => element === value).length,
  reverse: (self) => nothing(self.reverse()),
  sort: (self) => nothing(self.sort(compare)),
  copy: (self) => [...self],
};

const DICTIONARY_METHODS: Readonly<Record<string, Method<Dictionary>>> = {
  items: (self) => Object.entries(self),
  keys: (self) => Object.keys(self),
  values: (self) => Object.values(self),
  get: (self, [key, fallback]) => ownValue(self, asText(key)) ?? fallback ?? null,
  copy: (self) => ({ ...self }),
  pop: (self, [key, fallback]) => {
    const value = ownValue(self, asText(key)) ?? fallback;
    if (value === undefined) throw new Error(`there is no key "${asText(key)}"`);
    delete self[asText(key)];
    return value;
  },
  setdefault: (self, [key, fallback]) => {
    const name = safeKey(asText(key));
    if (!Object.hasOwn(self, name)) self[name] = fallback ?? null;
    return self[name];
  },
  update: (self, [values], named) => {
    for (const [key, value] of Object.entries({
      ...(isDictionary(values) ? values : {}),
      ...named,
    })) {
      self[safeKey(key)] = value;
    }
    return null;
  },
};

/** `value.key` and `value[key]` of a template. */
export function memberOf(value: unknown, key: unknown): unknown {
  if (value === undefined)
    throw new Error(`"${asText(key)}" is asked of a value that is undefined`);
  if (typeof value === 'string' || value instanceof String) {
    return element([...String(value)], key) ?? bound(TEXT_METHODS, String(value), key);
  }
  if (Array.isArray(value)) {
    if (key === 'length') return value.length;
    return element(value, key) ?? bound(LIST_METHODS, value, key);
  }
  if (isDictionary(value)) {
    const name = asText(key);
    return Object.hasOwn(value, name) ? value[name] : bound(DICTIONARY_METHODS, value, key);
  }
  return undefined;
}

/** `value[start:stop:step]` of a template, with Python's meaning. */
export function sliceOf(
  value: unknown,
  start: number | null,
  stop: number | null,
  step: number | null,
): unknown {
  const text = typeof value === 'string' || value instanceof String;
  const list = text ? [...String(value)] : Array.isArray(value) ? (value as unknown[]) : undefined;
  if (list === undefined) throw new Error('only text and lists can be sliced');
  const by = step ?? 1;
  if (by === 0) throw new Error('a slice cannot have the step 0');
  const bound = (index: number | null, absent: number) => {
    if (index === null) return absent;
    const from = index < 0 ? index + list.length : index;
    return Math.max(by < 0 ? -1 : 0, Math.min(by < 0 ? list.length - 1 : list.length, from));
  };
  const first = bound(start, by < 0 ? list.length - 1 : 0);
  const end = bound(stop, by < 0 ? -1 : list.length);
  const taken: unknown[] = [];
  for (let i = first; by < 0 ? i > end : i < end; i += by) taken.push(list[i]);
  return text ? taken.join('') : taken;
}

/** Truth as Python sees it: empty text, lists and dictionaries are false. */
export function isTrue(value: unknown): boolean {
  if (value instanceof String) return value.length > 0;
  if (Array.isArray(value)) return value.length > 0;
  if (isDictionary(value)) return Object.keys(value).length > 0;
  return Boolean(value);
}

/** How a value is printed: undefined as nothing, the rest as Python does. */
export function asText(value: unknown): string {
  if (value === undefined) return '';
  if (value === null) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (Array.isArray(value)) return `[${value.map(asRepresentation).join(', ')}]`;
  if (value instanceof String) return value.toString();
  if (isDictionary(value)) {
    const pairs = Object.entries(value).map(([k, v]) => `'${k}': ${asRepresentation(v)}`);
    return `{${pairs.join(', ')}}`;
  }
  return typeof value === 'number' || typeof value === 'string' ? String(value) : '';
}

export function asCount(value: unknown): number {
  const count = Number(value);
  if (!(Math.abs(count) <= MAX_TEMPLATE_COUNT)) {
    throw new Error(`expected a number up to ${MAX_TEMPLATE_COUNT}, got ${asText(value)}`);
  }
  return count;
}

export function asList(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value as unknown[];
  if (isDictionary(value)) return Object.keys(value);
  if (value === undefined || value === null) return [];
  return [value];
}

export function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [x, y] = [asText(a), asText(b)];
  return x < y ? -1 : x > y ? 1 : 0;
}

export function isDictionary(value: unknown): value is Dictionary {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function asRepresentation(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : asText(value);
}

function bound<T>(methods: Readonly<Record<string, Method<T>>>, self: T, key: unknown): unknown {
  const name = asText(key);
  const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
  if (method === undefined) return undefined;
  return (...args: unknown[]) => {
    const last = args.at(-1);
    const named = isDictionary(last) && Object.hasOwn(last, '__keywords');
    const { __keywords: _, ...keywords } = named ? last : {};
    return method(self, named ? args.slice(0, -1) : args, keywords);
  };
}

function element(list: readonly unknown[], key: unknown): unknown {
  return typeof key === 'number' && Number.isInteger(key) ? list.at(key) : undefined;
}

function ownValue(dictionary: Readonly<Dictionary>, key: string): unknown {
  return Object.hasOwn(dictionary, key) ? dictionary[key] : undefined;
}

function safeKey(key: string): string {
  if (key.startsWith('__')) throw new Error(`the key "${key}" is refused`);
  return key;
}

function nothing(_done: unknown): null {
  return null;
}

function split(text: string, separator: unknown, max: unknown): string[] {
  const limit = max === undefined || Number(max) < 0 ? Infinity : Number(max);
  const blank = separator === undefined || separator === null;
  if (!blank && asText(separator) === '') throw new Error('split: the separator is empty');
  let rest = blank ? text.trimStart() : text;
  const parts: string[] = [];
  while (parts.length < limit) {
    const at = blank ? rest.search(/\s/) : rest.indexOf(asText(separator));
    if (at < 0) break;
    parts.push(rest.slice(0, at));
    rest = blank ? rest.slice(at).trimStart() : rest.slice(at + asText(separator).length);
  }
  if (!blank || rest !== '') parts.push(rest);
  return parts;
}

function mirror(text: string): string {
  return [...text].reverse().join('');
}

function mapText(value: unknown, change: (text: string) => string): unknown {
  return typeof value === 'string' ? change(value) : value;
}

function stripLeft(text: string, chars: unknown): string {
  const set = typeof chars === 'string' ? chars : WHITESPACE;
  let start = 0;
  while (start < text.length && set.includes(text.charAt(start))) start++;
  return text.slice(start);
}

function stripRight(text: string, chars: unknown): string {
  const set = typeof chars === 'string' ? chars : WHITESPACE;
  let end = text.length;
  while (end > 0 && set.includes(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}
