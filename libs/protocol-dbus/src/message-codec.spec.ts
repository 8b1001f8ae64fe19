import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Message, Variant } from 'dbus-next';
import { decodeMessage, encodeMessage, messageLength } from './message-codec';
import { toWire } from './wire-values';

const artifact = { name: 'hello', architecture: 'x86_64', version: '2.10-1 ✓', size: -1 };

/** Signatures with a value each: every type, and each kind of nesting. */
const VALUES: readonly (readonly [signature: string, ...body: unknown[]])[] = [
  [''],
  ['s', ''],
  ['sog', 'naïve '.repeat(20), '/org/rackslab', 'a{sv}'],
  ['ybnqiu', 255, true, -2, 65_535, -(2 ** 31), 2 ** 32 - 1],
  ['xtd', -(2n ** 62n), 2n ** 64n - 1n, Math.PI],
  ['ay', Buffer.from([1, 2, 3])],
  ['yax', 1, []],
  ['asas', ['a', 'bc'], []],
  ['v', new Variant('v', new Variant('s', 'deep'))],
  ['(s(iu))', ['a', [1, 2]]],
  ['a(ss)', [['a', 'b']]],
  ['a{ss}', { a: 'b', c: '' }],
  ['aa{sv}', [toWire(artifact), toWire({ list: ['a'], structure: { flag: true }, none: null })]],
];

function messageOf(signature: string, body: unknown[]): Message {
  const path = '/org/rackslab/Fatbuildr';
  const message = new Message({ path, interface: 'a.b', member: 'C', destination: ':1.7' });
  return Object.assign(message, { signature, body, serial: 77 });
}

/** Of the library: slow, but known to be right. */
const load = createRequire(__filename);
const library = load(join(load.resolve('dbus-next'), '../lib/marshall-compat.js')) as {
  marshallMessage: (message: Message) => [Buffer];
};

describe('the codec of messages', () => {
  it.each(VALUES)('writes "%s" as dbus-next does, and reads it', (signature, ...body) => {
    const bytes = encodeMessage(messageOf(signature, body));
    expect(messageLength(bytes)).toBe(bytes.length);
    const [expected] = library.marshallMessage(messageOf(signature, body));
    expect(bytes.equals(expected)).toBe(true);
    expect(decodeMessage(bytes)).toMatchObject({
      ...{ serial: 77, path: '/org/rackslab/Fatbuildr', interface: 'a.b', member: 'C' },
      ...{ destination: ':1.7', signature, body },
    });
  });

  it('reads what a big-endian machine wrote', () => {
    const hex =
      '42010001 0000000b 0000004d 00000028 01016f00 00000002 2f610000 00000000' +
      '03017300 00000001 43000000 00000000 08016700 02697300 fffffffe 00000002 686900';
    const bytes = Buffer.from(hex.replace(/ /g, ''), 'hex');
    expect(messageLength(bytes)).toBe(bytes.length);
    const message = decodeMessage(bytes);
    expect(message).toMatchObject({ path: '/a', member: 'C', body: [-2, 'hi'] });
  });

  it('keeps a member with the name of a prototype a member', () => {
    const value = Object.fromEntries([['__proto__', 'x']]);
    const [entries] = decodeMessage(encodeMessage(messageOf('a{ss}', [value]))).body as [object];
    expect(Object.entries(entries)).toEqual([['__proto__', 'x']]);
    expect(Object.getPrototypeOf(entries)).toBe(Object.prototype);
  });

  it.each([
    ['s', 7, /expected a text/],
    ['s', 'a\0b', /zero/],
    ['i', '7', /expected a number/],
    ['i', 2 ** 31, /out of range/],
    ['v', 'plain', /expected a variant/],
    ['as', 'a', /expected a list/],
    ['a{ss}', null, /expected a dictionary/],
    ['(ss)', ['a'], /members of \(ss\)/],
    ['(s', ['a'], /no D-Bus signature/],
    ['z', 1, /no D-Bus signature/],
  ])('refuses to write a "%s" of %j', (signature, value, message) => {
    expect(() => encodeMessage(messageOf(signature, [value]))).toThrow(message);
  });

  it('refuses what ends too early', () => {
    const bytes = encodeMessage(messageOf('as', [['one', 'two']]));
    for (const length of [20, bytes.length - 8, bytes.length - 1]) {
      expect(() => decodeMessage(bytes.subarray(0, length))).toThrow();
    }
  });
});
