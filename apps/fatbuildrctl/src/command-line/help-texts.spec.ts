import { helpPath } from './help-texts';

const TEXTS = { '': 'program', build: 'build', registry: 'group', 'registry list': 'list' };

describe('helpPath', () => {
  it.each([
    [true, '', ''],
    [false, 'build -a x --help', 'build'],
    [false, 'registry -h', 'registry'],
    [false, 'registry list -d x -h', 'registry list'],
    [false, 'help registry list', 'registry list'],
    [true, 'build', 'build'],
  ])('help %s with "%s" is about "%s"', (help, command, path) => {
    expect(helpPath(help, command === '' ? [] : command.split(' '), TEXTS)).toBe(path);
  });

  it.each([['build -a x'], ['build -- --help'], ['nonsense --help']])('"%s" is none', (command) => {
    expect(helpPath(false, command.split(' '), TEXTS)).toBeUndefined();
  });
});
