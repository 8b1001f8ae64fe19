import { Variant } from 'dbus-next';

/** D-Bus has no null: an absent text is this sign, an absent integer is -1. */
export const ABSENT_TEXT = '∅';
export const ABSENT_INTEGER = -1;
const INT32_MAX = 2 ** 31 - 1;

/** The members of structures that hold a list of structures, which an empty list does not show. */
const STRUCTURE_LISTS: ReadonlySet<string> = new Set(['archives', 'sources', 'steps']);

/** A structure as D-Bus carries it, `a{sv}`. */
export type WireStructure = Record<string, Variant>;

/**
 * Packs a structure into variants. Texts become `s`, integers `i`, truth values `b`, lists `as` or
 * `aa{sv}`, structures `a{sv}`; an `undefined` or `null` member is an absent text.
 */
export function toWire(structure: object): WireStructure {
  const members = Object.entries(structure) as [string, unknown][];
  return Object.fromEntries(members.map(([name, value]) => [name, variant(name, value)]));
}

function variant(name: string, value: unknown): Variant {
  if (value === undefined || value === null) return new Variant('s', ABSENT_TEXT);
  if (typeof value === 'boolean') return new Variant('b', value);
  if (typeof value === 'number') {
    // The contract has 32 bits for sizes: what does not fit is unknown rather than wrong.
    return new Variant('i', Math.abs(value) <= INT32_MAX ? Math.trunc(value) : ABSENT_INTEGER);
  }
  if (Array.isArray(value)) {
    return STRUCTURE_LISTS.has(name)
      ? new Variant('aa{sv}', (value as object[]).map(toWire))
      : new Variant('as', value.map(String));
  }
  if (typeof value === 'string') return new Variant('s', value);
  if (typeof value === 'object') return new Variant('a{sv}', toWire(value));
  throw new TypeError(`a ${typeof value} has no place on D-Bus (${name})`);
}

/** Packs a structure of which members may be left out: those that are `undefined` are. */
export function toPartialWire(structure: object): WireStructure {
  const given = Object.entries(structure).filter(([, value]) => value !== undefined);
  return toWire(Object.fromEntries(given));
}

/** Unpacks variants, however deep; an absent text becomes the empty text, an absent integer stays -1. */
export function fromWire(value: unknown): unknown {
  if (value instanceof Variant) return fromWire(value.value);
  if (value === ABSENT_TEXT) return '';
  if (typeof value === 'bigint') return Number(value);
  if (Buffer.isBuffer(value)) return value;
  if (Array.isArray(value)) return value.map(fromWire);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [name, fromWire(member)]),
    );
  }
  return value;
}
