import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'ini';
import { preferencesNotText, preferencesUnreadable } from './connection.errors';

/** What a user need not say each time. */
export interface Preferences {
  /** The file they come from, which need not exist. */
  file: string;
  name?: string;
  email?: string;
  uri?: string;
  basedir?: string;
  message?: string;
  /** Of the commits of patches, a template of Git; as it is written. */
  commitTemplate?: string;
  /** Folder of the tokens for servers. */
  tokens: string;
}

export function defaultPreferencesFile(env: Readonly<NodeJS.ProcessEnv>): string {
  return join(env.XDG_CONFIG_HOME || join(env.HOME || homedir(), '.config'), 'fatbuildr.ini');
}

function defaultTokensFolder(env: Readonly<NodeJS.ProcessEnv>): string {
  return join(env.XDG_DATA_HOME || join(env.HOME || homedir(), '.local/share'), 'fatbuildr');
}

/**
 * @param named the file the user named; it must exist then
 * @throws FatbuildrError `PREFERENCES.UNREADABLE`, `PREFERENCES.WRONG_VALUE`
 */
export async function loadPreferences(
  named: string | undefined,
  env: Readonly<NodeJS.ProcessEnv>,
): Promise<Preferences> {
  const file = named ?? defaultPreferencesFile(env);
  let content: string;
  try {
    content = await readFile(file, 'utf8');
  } catch (fault) {
    if (named === undefined && (fault as NodeJS.ErrnoException).code === 'ENOENT') {
      return { file, tokens: defaultTokensFolder(env) };
    }
    throw preferencesUnreadable(file, fault);
  }
  return parsePreferences(content, file, env);
}

export function parsePreferences(
  content: string,
  file: string,
  env: Readonly<NodeJS.ProcessEnv> = {},
): Preferences {
  const sections = parse(content) as Record<string, Record<string, unknown> | undefined>;
  const text = (section: string, key: string): string | undefined => {
    const value = sections[section]?.[key];
    if (value === undefined || value === '') return undefined;
    // `key[] = x` makes a list, a lone `key` the truth value.
    if (typeof value !== 'string') throw preferencesNotText(file, section, key);
    return value;
  };
  const tokens = text('prefs', 'tokens') ?? defaultTokensFolder(env);
  const preferences: Preferences = { file, tokens };
  for (const key of ['name', 'email'] as const) preferences[key] = text('user', key);
  for (const key of ['uri', 'basedir', 'message'] as const) preferences[key] = text('prefs', key);
  preferences.commitTemplate = text('prefs', 'commit_template');
  return preferences;
}
