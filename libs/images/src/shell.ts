import type { RunningContainer } from '@fatbuildr/containers';
import type { ShellParameters } from '@fatbuildr/protocol';
import { exitedWith, type ConsoleSession, type TaskContext } from '@fatbuildr/tasks';
import { noConsole } from './images.errors';

/** The best shell there is; what it knows of earlier lines stays out of the container. */
export const SHELL = {
  argv: ['/bin/sh', '-c', 'exec "$(command -v bash || command -v sh)"'],
  environment: { HISTFILE: '/dev/null' },
} as const;

/**
 * Runs a command, or a shell, in a container, and lets people in. A shell on a terminal ends well however it
 * is left; of all others the exit status counts.
 *
 * @throws FatbuildrError `TASKS.EXIT_STATUS`, `TASKS.ABANDONED`
 */
export async function runShell(
  container: RunningContainer,
  { term, command }: ShellParameters,
  { console }: TaskContext,
): Promise<void> {
  if (console === undefined) throw noConsole();
  const [program, ...args] = command;
  const argv = program === undefined ? SHELL.argv : ([program, ...args] as const);
  const environment = { ...SHELL.environment, ...(term === '' ? {} : { TERM: term }) };
  const run = (session: ConsoleSession) => container.exec({ argv, environment }, session);
  const status = await console.open(term === '' ? 'pipe' : 'terminal', run);
  if (status !== 0 && (program !== undefined || term === '')) throw exitedWith(status);
}
