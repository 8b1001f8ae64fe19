import { checkFilter } from './task-filters';

describe('a filter from outside', () => {
  it('is taken as it is when it is right', () => {
    const filter = { states: ['running'], name: 'artifact build', artifact: 'he', limit: 3 };
    expect(checkFilter(filter)).toEqual(filter);
    expect(checkFilter({})).toEqual({});
  });

  it.each([
    [{ colour: 'red' }, /"colour".*there are: states, result/],
    [{ states: ['asleep'] }, /states\.0.*"pending"\|"running"\|"finished"/],
    [{ name: 'artifact bild' }, /name.*"artifact build"/],
    [{ limit: 0 }, /limit/],
    [{ since: -5 }, /since/],
    [{ user: 7 }, /user.*string/],
    ['deb', /object/],
  ])('%j is refused with what it may be', (filter, message) => {
    expect(() => checkFilter(filter)).toThrow(message);
  });
});
