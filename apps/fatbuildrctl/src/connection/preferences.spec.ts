import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadPreferences, parsePreferences } from './preferences';

const INI = `
[user]
name = Jane Roe
email = jane@acme.example

[prefs]
uri = dbus://system/prod
basedir = /srv/artifacts
message = Rebuild
commit_template = ~/patch
tokens = /srv/tokens
`;

describe('preferences', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'fatbuildrctl-'))));
  afterEach(() => rm(folder, { recursive: true }));

  it('are read from the file the user names', async () => {
    const file = join(folder, 'mine.ini');
    await writeFile(file, INI);
    expect(await loadPreferences(file, {})).toEqual({
      file,
      name: 'Jane Roe',
      email: 'jane@acme.example',
      uri: 'dbus://system/prod',
      basedir: '/srv/artifacts',
      message: 'Rebuild',
      commitTemplate: '~/patch',
      tokens: '/srv/tokens',
    });
  });

  it('are looked for in $XDG_CONFIG_HOME, and need not exist there', async () => {
    const file = join(folder, 'fatbuildr.ini');
    const env = { XDG_CONFIG_HOME: folder, HOME: '/home/jane' };
    const tokens = '/home/jane/.local/share/fatbuildr';
    expect(await loadPreferences(undefined, env)).toEqual({ file, tokens });
    await writeFile(file, '[user]\nname = A');
    const loaded = await loadPreferences(undefined, { XDG_CONFIG_HOME: folder });
    expect(loaded.name).toBe('A');
  });

  it('must exist where the user says so', async () => {
    const file = join(folder, 'absent.ini');
    await expect(loadPreferences(file, {})).rejects.toThrow(`cannot read the preferences ${file}`);
  });

  it('refuses a value that is no text', () => {
    expect(() => parsePreferences('[prefs]\nuri[] = a', '/p.ini')).toThrow(
      '/p.ini: [prefs] uri: expected text',
    );
  });
});
