import { buildargs } from './buildargs';

describe('buildargs', () => {
  it.each([
    [undefined, []],
    ['', []],
    ['--with x  --without=y', ['--with', 'x', '--without=y']],
    [
      `--define 'name a b' -D "other $HOME \\"c\\""`,
      ['--define', 'name a b', '-D', 'other $HOME "c"'],
    ],
    [String.raw`a\ b 'it'"'"'s'`, ['a b', "it's"]],
    [
      ['--define', 'name a b'],
      ['--define', 'name a b'],
    ],
  ])('%j are the options %j', (given, options) => {
    expect(buildargs(given === undefined ? {} : { buildargs: given }, 'hello')).toEqual(options);
  });

  it.each([[`--define 'name`], [`"a b`], ['a\\'], [{ with: 'x' }]])('refuses %j', (given) => {
    expect(() => buildargs({ buildargs: given }, 'hello')).toThrow(/^rpm\.buildargs of hello: /);
  });
});
