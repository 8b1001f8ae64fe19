import type { ArgumentVector, RunningContainer } from '@fatbuildr/containers';
import type { TaskContext } from '@fatbuildr/tasks';
import { commandFailed } from './builder.errors';

/**
 * Runs a command of a build, its output in the journal.
 *
 * @throws FatbuildrError `BUILDS.COMMAND_FAILED` with command and exit status
 */
export async function executeIn(
  container: RunningContainer,
  argv: ArgumentVector,
  workdir: string,
  { journal, signal }: TaskContext,
): Promise<void> {
  const status = await container.exec(
    { argv, workdir },
    { output: (chunk) => journal.output(chunk), signal },
  );
  if (status !== 0) throw commandFailed(argv.join(' '), status);
}
