import { modernSpelling } from './legacy-spellings';

describe('modernSpelling', () => {
  it.each([
    ['archives', 'history list'],
    ['archives -l 3', 'history list -n 3'],
    ['history -l 3 -a hello', 'history -n 3 -a hello'],
    ['images --create', 'images create'],
    ['images -f deb --update -w', 'images update -f deb'],
    ['images --create-envs -d bookworm', 'images env-create -d bookworm'],
    ['images --update-envs --batch', 'images env-update --batch'],
    ['images create --force', 'images create --force'],
    ['build -a hello --watch', 'build -a hello'],
    ['build --source-dir src --source-version 2.1 -a hello', 'build -a hello --sources 2.1@src'],
    ['build --source-dir=src -a hello', 'build -a hello --sources src'],
    ['patches --source-dir s --source-version 2 -a x', 'patches -a x --sources 2@s'],
    ['registry list -d bookworm', 'registry list -d bookworm'],
    ['images shell -w -- grep -w --create', 'images shell -- grep -w --create'],
  ])('turns "%s" into "%s"', (old, modern) => {
    expect(modernSpelling(old.split(' ')).join(' ')).toBe(modern);
  });

  it('leaves values alone that look like an old switch', () => {
    const command = ['build', '-a', 'hello', '-m', '--watch'];
    expect(modernSpelling(command)).toEqual(command);
  });

  it('refuses a source version without a folder', () => {
    expect(() => modernSpelling(['build', '--source-version', '2'])).toThrow(
      '--source-version needs --source-dir',
    );
  });
});
