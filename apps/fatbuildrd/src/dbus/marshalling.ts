import { Variant } from 'dbus-next';

/** D-Bus has no null: these stand for it. */
const ABSENT_TEXT = '∅';
const ABSENT_NUMBER = -1;

const LARGEST_INT32 = 2 ** 31 - 1;

/** A structure of the contract, `a{sv}`. */
export type Structure = Record<string, Variant>;

/** Turns a plain object into an `a{sv}`; members that are objects become structures themselves. */
export function structure(value: object): Structure {
  const fields: Structure = {};
  for (const [name, field] of Object.entries(value)) fields[name] = variant(name, field);
  return fields;
}

export function structures(values: readonly object[]): Structure[] {
  return values.map(structure);
}

function variant(name: string, field: unknown): Variant {
  switch (typeof field) {
    case 'string':
      return new Variant('s', field);
    case 'boolean':
      return new Variant('b', field);
    case 'number':
      // The contract's integers are 32 bit: what does not fit is unknown to the client.
      return new Variant('i', field > LARGEST_INT32 ? ABSENT_NUMBER : field);
    case 'undefined':
      return new Variant('s', ABSENT_TEXT);
  }
  if (Array.isArray(field)) {
    const objects = name === 'archives' || (field.length > 0 && typeof field[0] === 'object');
    return objects
      ? new Variant('aa{sv}', structures(field as object[]))
      : new Variant('as', field as string[]);
  }
  return field === null
    ? new Variant('s', ABSENT_TEXT)
    : new Variant('a{sv}', structure(field as object));
}

/** The plain value of what a client sent: variants are opened at every depth. */
export function plain(value: unknown): unknown {
  if (value instanceof Variant) return plain(value.value);
  if (Array.isArray(value)) return value.map(plain);
  if (value !== null && typeof value === 'object' && !Buffer.isBuffer(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, plain(field)]));
  }
  return value;
}
