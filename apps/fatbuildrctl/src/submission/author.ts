import { run } from '@fatbuildr/processes';
import type { Preferences } from '../connection/preferences';
import { unknownAuthor } from './submission.errors';

export interface Author {
  name: string;
  email: string;
}

/** A value of the user's Git configuration, seen from a folder; `undefined` without Git or value. */
export type GitConfiguration = (key: string) => Promise<string | undefined>;

export function gitConfiguration(cwd: string, env: Readonly<NodeJS.ProcessEnv>): GitConfiguration {
  return async (key) => {
    try {
      const { stdout } = await run(['git', 'config', '--get', key], { cwd, env });
      return stdout.toString('utf8').trim() || undefined;
    } catch {
      return undefined;
    }
  };
}

/**
 * Who signs the changelog entry: options, preferences, then Git's `user.name` and `user.email`.
 *
 * @throws FatbuildrError `SUBMISSION.UNKNOWN_AUTHOR`
 */
export async function chooseAuthor(
  options: Partial<Author>,
  preferences: Pick<Preferences, 'file' | 'name' | 'email'>,
  git: GitConfiguration,
): Promise<Author> {
  const choose = async (what: keyof Author): Promise<string> => {
    const value = options[what] || preferences[what] || (await git(`user.${what}`));
    if (!value) throw unknownAuthor(what, preferences.file);
    return value;
  };
  return { name: await choose('name'), email: await choose('email') };
}
