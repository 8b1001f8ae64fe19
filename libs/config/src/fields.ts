import { isIP } from 'node:net';
import { isAbsolute, normalize, resolve } from 'node:path';
import { unexpectedSecret, unexpectedValue } from './config.errors';

/**
 * Understands the text of one key. Throws `CONFIG.VALUE` when it cannot.
 *
 * @param base folder relative paths start from; `undefined` where only absolute ones make sense
 */
export type Field<T> = (text: string, base: string | undefined) => T;

const TRUE = new Set(['yes', 'true', 'on', '1']);
const FALSE = new Set(['no', 'false', 'off', '0']);

export const flag: Field<boolean> = (text) => {
  const word = text.toLowerCase();
  if (TRUE.has(word)) return true;
  if (FALSE.has(word)) return false;
  throw unexpectedValue('yes or no (also true/false, on/off, 1/0)', text);
};

export const path: Field<string> = (text, base) => {
  if (text === '' || text.includes('\0')) throw unexpectedValue('a path', text);
  if (isAbsolute(text)) return normalize(text);
  if (base === undefined) throw unexpectedValue('an absolute path', text);
  return resolve(base, text);
};

/** One line of text that may not be empty. */
export const text: Field<string> = (written) => {
  if (written === '' || written.includes('\n')) throw unexpectedValue('one line of text', written);
  return written;
};

/** Names, separated by commas or blanks; none is an empty list. */
export const list: Field<string[]> = (written) => written.split(/[\s,]+/).filter((item) => item);

/** An empty value leaves the key unset. */
export function optional<T>(field: Field<T>): Field<T | undefined> {
  return (written, base) => (written === '' ? undefined : field(written, base));
}

/** `no` (or `off`, `false`) switches the matter of the key off. */
export function orNo<T>(field: Field<T>): Field<T | undefined> {
  return (written, base) => {
    const word = written.toLowerCase();
    return word !== '0' && FALSE.has(word) ? undefined : field(written, base);
  };
}

export function integer(least: number, most: number): Field<number> {
  return (written) => {
    const value = /^\d{1,15}$/.test(written) ? Number(written) : NaN;
    if (!(value >= least && value <= most)) {
      throw unexpectedValue(`a whole number from ${least} to ${most}`, written);
    }
    return value;
  };
}

export function oneOf<const T extends string>(...choices: readonly T[]): Field<T> {
  return (written) => {
    const choice = choices.find((candidate) => candidate === written);
    if (choice === undefined) throw unexpectedValue(`one of ${choices.join(', ')}`, written);
    return choice;
  };
}

/** A URL of one of the schemes. The value may hold a password and is never repeated in the fault. */
export function url(...schemes: readonly string[]): Field<string> {
  const starts = schemes.map((scheme) => `${scheme}://`);
  return (written) => {
    if (starts.some((start) => written.startsWith(start)) && URL.canParse(written)) return written;
    throw unexpectedSecret(`a URL that starts with ${starts.join(' or ')}`);
  };
}

/** Parts of a path, each of which needs no encoding and is no hidden file's name. */
const PREFIX = /^(\/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*$/;

/** What stands before every path of a server: `/packages`, or nothing. */
export const pathPrefix: Field<string> = (written) => {
  const prefix = written.replace(/\/$/, '');
  if (PREFIX.test(prefix)) return prefix;
  throw unexpectedValue(
    'a path such as /packages, of letters, digits, "-", "_", "." and "~"',
    written,
  );
};

/** Addresses and networks (`10.0.0.0/8`), separated by commas or blanks. */
export const networks: Field<string[]> = (written, base) => {
  const found = list(written, base);
  const wrong = found.find((one) => !isNetwork(one));
  if (wrong === undefined) return found;
  throw unexpectedValue('addresses and networks such as 127.0.0.1 or 10.0.0.0/8', wrong);
};

function isNetwork(written: string): boolean {
  const [address = '', bits, ...rest] = written.split('/');
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return (
    most > 0 &&
    rest.length === 0 &&
    (bits === undefined || (/^\d{1,3}$/.test(bits) && +bits <= most))
  );
}

/** A value checked by a parser but kept as it is written. */
export function checked(parser: (written: string) => unknown): Field<string> {
  return (written) => {
    parser(written);
    return written;
  };
}
