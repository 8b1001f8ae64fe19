import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

type Environment = Readonly<NodeJS.ProcessEnv>;

export interface Subshell {
  argv: [string, ...string[]];
  env: NodeJS.ProcessEnv;
}

/** Of Git, they would come before the settings of the repository. */
const PERSONS = ['AUTHOR', 'COMMITTER'].flatMap((who) =>
  ['NAME', 'EMAIL', 'DATE'].map((what) => `GIT_${who}_${what}`),
);

/**
 * The user's shell for a repository.
 *
 * @param without variables that it must not see
 */
export function plainShell(env: Environment, folder: string, without: readonly string[]): Subshell {
  const hidden = new Set([...without, ...PERSONS]);
  const visible = Object.entries(env).filter(([name]) => !hidden.has(name));
  return {
    argv: [env.SHELL || '/bin/sh'],
    env: { ...Object.fromEntries(visible), PWD: folder },
  };
}

/**
 * A shell whose prompt begins with a label. Users' own files set their prompt, so the label comes after them.
 *
 * @param label letters, digits, spaces and `+.:~-`, which no shell gives a meaning
 * @param folder for files of the shell
 */
export async function promptingShell(
  { argv: [shell], env }: Subshell,
  label: string,
  folder: string,
): Promise<Subshell> {
  await mkdir(folder, { recursive: true });
  const write = (name: string, lines: readonly string[]) =>
    writeFile(join(folder, name), `${lines.join('\n')}\n`);
  switch (basename(shell)) {
    case 'bash':
      await write('bashrc', ['[ ! -f ~/.bashrc ] || . ~/.bashrc', `PS1="(${label}) $PS1"`]);
      return { argv: [shell, '--rcfile', join(folder, 'bashrc')], env };
    case 'zsh':
      await write('.zshrc', [
        'ZDOTDIR=${FATBUILDR_ZDOTDIR:-$HOME}',
        'for file in .zshenv .zshrc; do [ ! -f "$ZDOTDIR/$file" ] || . "$ZDOTDIR/$file"; done',
        `PROMPT="(${label}) $PROMPT"`,
      ]);
      return { argv: [shell], env: { ...env, ZDOTDIR: folder, FATBUILDR_ZDOTDIR: env.ZDOTDIR } };
    case 'fish': {
      const prompt = `functions --copy fish_prompt fatbuildr_prompt; function fish_prompt; echo -n "(${label}) "; fatbuildr_prompt; end`;
      return { argv: [shell, '--init-command', prompt], env };
    }
    default:
      return { argv: [shell], env: { ...env, PS1: `(${label}) $ ` } };
  }
}
