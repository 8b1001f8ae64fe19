import type { ArgumentVector, RunningContainer } from '@fatbuildr/containers';
import type { ShellParameters } from '@fatbuildr/protocol';
import { exitedWith, type ConsoleSession, type TaskContext } from '@fatbuildr/tasks';
import { badShell, noConsole } from './images.errors';

/** How terminfo(5) names terminals. */
const TERMINAL_TYPE = /^[A-Za-z0-9][A-Za-z0-9+._-]{0,63}$/;

/** The best shell there is; what it knows of earlier lines stays out of the container. */
export const SHELL = {
  argv: ['/bin/sh', '-c', 'exec "$(command -v bash || command -v sh)"'],
  environment: { HISTFILE: '/dev/null' },
} as const;

/**
 * The parameters of a shell that somebody asked for.
 *
 * @throws FatbuildrError `IMAGES.SHELL` for what can be no terminal or no program
 */
export function shellParameters(term: string, command: string[]): ShellParameters {
  if (term !== '' && !TERMINAL_TYPE.test(term)) {
    throw badShell(`term: expected the type of a terminal, got ${JSON.stringify(term)}`);
  }
  if (command[0] === '') throw badShell('command: the name of the program is empty');
  return { term, command };
}

/**
 * Runs a command, or a shell, in a container, and lets people in. A shell on a terminal ends well however it
 * is left; of all others the exit status counts.
 *
 * @param lead what to run for it in the container; without a command a shell is wanted
 * @param workdir folder in the container, that of the container itself when absent
 * @throws FatbuildrError `TASKS.EXIT_STATUS`, `TASKS.ABANDONED`
 */
export async function runShell(
  container: RunningContainer,
  { term, command }: ShellParameters,
  { console, journal }: TaskContext,
  lead: (command?: ArgumentVector) => ArgumentVector = (command = SHELL.argv) => command,
  workdir?: string,
): Promise<void> {
  if (console === undefined) throw noConsole();
  const [program, ...args] = command;
  const argv = lead(program === undefined ? undefined : [program, ...args]);
  const environment = { ...SHELL.environment, ...(term === '' ? {} : { TERM: term }) };
  const place = workdir === undefined ? {} : { workdir };
  const run = (session: ConsoleSession) => container.exec({ argv, environment, ...place }, session);
  if (term !== '' && program === undefined) {
    journal.log(
      'info',
      'A shell, which ends when you leave it, by "exit" or Ctrl-D; when only the terminal is closed it goes on, and "fatbuildrctl watch" leads back',
    );
  }
  const status = await console.open(term === '' ? 'pipe' : 'terminal', run);
  if (status !== 0 && (program !== undefined || term === '')) throw exitedWith(status);
}
