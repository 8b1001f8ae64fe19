import { Variant } from 'dbus-next';
import { fromWire, toWire } from './wire-values';

describe('toWire', () => {
  it('gives each member the type of the contract', () => {
    expect(
      toWire({
        name: 'hello',
        size: 42,
        force: true,
        absent: undefined,
        architectures: ['x86_64'],
        none: [],
        archives: [],
        io: { interactive: false },
      }),
    ).toEqual({
      name: new Variant('s', 'hello'),
      size: new Variant('i', 42),
      force: new Variant('b', true),
      absent: new Variant('s', '∅'),
      architectures: new Variant('as', ['x86_64']),
      none: new Variant('as', []),
      archives: new Variant('aa{sv}', []),
      io: new Variant('a{sv}', { interactive: new Variant('b', false) }),
    });
  });

  it('sends a size beyond 32 bits as unknown', () => {
    expect(toWire({ size: 2 ** 31 })).toEqual({ size: new Variant('i', -1) });
    expect(toWire({ size: 2 ** 31 - 1 })).toEqual({ size: new Variant('i', 2 ** 31 - 1) });
  });
});

describe('fromWire', () => {
  it('takes back what was sent, absent texts as empty ones', () => {
    const structure = { name: 'a', list: [{ id: 'x', path: '/y' }], nested: { size: -1 } };
    const wire = { ...toWire(structure), list: new Variant('aa{sv}', structure.list.map(toWire)) };
    expect(fromWire(wire)).toEqual(structure);
    expect(fromWire(new Variant('s', '∅'))).toBe('');
    expect(fromWire(new Variant('x', 5n))).toBe(5);
  });
});
