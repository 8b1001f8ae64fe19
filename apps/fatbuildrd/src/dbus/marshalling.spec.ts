import { Variant } from 'dbus-next';
import { plain, structure } from './marshalling';

const signatures = (value: object) =>
  Object.fromEntries(Object.entries(structure(value)).map(([name, v]) => [name, v.signature]));

describe('structures on the bus', () => {
  it('give every member the type of the contract', () => {
    const task = {
      id: 'a',
      interactive: false,
      submission: 1,
      architectures: ['x86_64'],
      changes: [],
      archives: [],
      io: { journal: { path: '/j' } },
    };
    expect(signatures(task)).toEqual({
      id: 's',
      interactive: 'b',
      submission: 'i',
      architectures: 'as',
      changes: 'as',
      archives: 'aa{sv}',
      io: 'a{sv}',
    });
  });

  it('use ∅ for an absent text and -1 for a number that does not fit 32 bits', () => {
    const { reason, size } = structure({ reason: null, size: 2 ** 32 });
    expect([reason!.value, size!.value]).toEqual(['∅', -1]);
  });

  it('come back as plain values, at every depth', () => {
    const value = { io: { journal: { path: '/j' } }, archives: [{ id: 'a', path: '/b' }] };
    expect(plain(new Variant('a{sv}', structure(value)))).toEqual(value);
  });
});
