import type { ArgumentVector, LimitedResource, RunningContainer } from '@fatbuildr/containers';
import type { TaskContext } from '@fatbuildr/tasks';
import { isDiskFull, type FatbuildrError } from '@fatbuildr/errors';
import { commandFailed } from './builder.errors';

const EXHAUSTED: Readonly<Record<LimitedResource, string>> = {
  memory: ', it wanted more memory than [containers] max_memory allows',
  processes: ', it wanted more processes than [containers] max_processes allows',
};

/**
 * Runs a command of a build, its output in the journal.
 *
 * @throws FatbuildrError `BUILDS.COMMAND_FAILED` with command and exit status
 */
export async function executeIn(
  container: RunningContainer,
  argv: ArgumentVector,
  workdir: string,
  { journal, signal, workspace }: TaskContext,
): Promise<void> {
  const status = await container.exec(
    { argv, workdir },
    { output: (chunk) => journal.output(chunk), signal },
  );
  if (status !== 0) throw await failureOf(container, argv, status, workspace);
}

/**
 * What a command that failed did not say itself: that it had no more memory, processes or room on the disk.
 *
 * @param workspace where the command wrote, for the disk
 */
export async function failureOf(
  container: RunningContainer,
  argv: ArgumentVector,
  status: number,
  workspace: string,
): Promise<FatbuildrError> {
  const resource = await container.exhausted();
  const full = resource === undefined && (await isDiskFull(workspace));
  const why = resource ? EXHAUSTED[resource] : full ? `, the disk of ${workspace} is full` : '';
  return commandFailed(argv.join(' '), status, why);
}
