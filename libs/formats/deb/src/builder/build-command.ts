import type { ArgumentVector, RunningContainer } from '@fatbuildr/containers';
import { messageOf } from '@fatbuildr/errors';
import { SHELL } from '@fatbuildr/images';
import type { TaskContext } from '@fatbuildr/tasks';
import { commandFailed } from './builder.errors';

/** A build is submitted without the type of the terminal; every terminal understands this one well enough. */
const TERM = 'xterm';

/**
 * Runs a command of a build, its output in the journal. When it fails, an interactive build lets people look
 * around where it failed.
 *
 * @throws FatbuildrError `BUILDS.COMMAND_FAILED` with command and exit status
 */
export async function executeIn(
  container: RunningContainer,
  argv: ArgumentVector,
  workdir: string,
  context: TaskContext,
): Promise<void> {
  const { journal, signal } = context;
  const status = await container.exec(
    { argv, workdir },
    { output: (chunk) => journal.output(chunk), signal },
  );
  if (status === 0) return;
  const fault = commandFailed(argv.join(' '), status);
  if (context.console) {
    journal.log('error', fault.message);
    await lookAround(container, workdir, context);
  }
  throw fault;
}

/** However it ends, the build has failed. */
async function lookAround(
  container: RunningContainer,
  workdir: string,
  { journal, signal, console }: TaskContext,
): Promise<void> {
  journal.log('info', `A shell in the container of the build; the build ends when you leave it`);
  const environment = { ...SHELL.environment, TERM };
  try {
    await console?.open('terminal', (session) =>
      container.exec({ argv: SHELL.argv, workdir, environment }, session),
    );
  } catch (fault) {
    signal.throwIfAborted();
    journal.log('warning', `The shell ended: ${messageOf(fault)}`);
  }
}
