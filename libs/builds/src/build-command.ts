import type {
  ArgumentVector,
  Command,
  LimitedResource,
  RunningContainer,
} from '@fatbuildr/containers';
import { SHELL } from '@fatbuildr/images';
import type { TaskContext } from '@fatbuildr/tasks';
import { isDiskFull, messageOf, type FatbuildrError } from '@fatbuildr/errors';
import { commandFailed } from './builds.errors';
import type { BuildTask } from './build-task';

/** A build is submitted without the type of the terminal; every terminal understands this one well enough. */
const TERM = 'xterm';

const EXHAUSTED: Readonly<Record<LimitedResource, string>> = {
  memory: ', it wanted more memory than [containers] max_memory allows',
  processes: ', it wanted more processes than [containers] max_processes allows',
};

/** Characters of what a command printed last that are searched for why it failed. */
const KEPT_OUTPUT = 1024 * 1024;

/** What a command that failed says of the reason; `undefined`: nothing better than its status. */
export type Explain = (printed: string, status: number) => FatbuildrError | undefined;

/**
 * Runs a command of a build, its output in the journal. When it fails, an interactive build lets people look
 * around where it failed, and one that was submitted so keeps the container.
 *
 * @throws FatbuildrError what `explain` gives, else `BUILDS.COMMAND_FAILED` with command and exit status
 */
export async function executeIn(
  container: RunningContainer,
  argv: ArgumentVector,
  workdir: string,
  context: BuildTask,
  explain?: Explain,
): Promise<void> {
  const fault = await faultOf(container, { argv, workdir }, context, explain);
  if (fault === undefined) return;
  if (context.console) {
    context.journal.log('error', fault.message);
    await lookAround(container, { workdir }, context);
  }
  await context.keep?.(container, workdir);
  throw fault;
}

/**
 * Runs a command, its output in the journal.
 *
 * @param follow is told what the command has printed last, as often as it prints
 * @returns why it failed
 */
export async function faultOf(
  container: RunningContainer,
  command: Command,
  { journal, signal, workspace }: TaskContext,
  explain: Explain = () => undefined,
  follow: (printed: string) => void = () => undefined,
): Promise<FatbuildrError | undefined> {
  // Apart: a line of the one may come in the middle of a line of the other.
  const printed = { stdout: '', stderr: '' };
  const status = await container.exec(command, {
    output: (chunk, stream) => {
      journal.output(chunk);
      printed[stream] = (printed[stream] + chunk.toString('utf8')).slice(-KEPT_OUTPUT);
      follow(printed[stream]);
    },
    signal,
  });
  if (status === 0) return undefined;
  // What the command says of itself comes after what it may not know.
  const why = await reasonOf(container, workspace);
  const said = why === '' ? explain(`${printed.stdout}\n${printed.stderr}`, status) : undefined;
  return said ?? commandFailed(command.argv.join(' '), status, why);
}

/**
 * Lets people look around where a build failed; however it ends, the build has failed.
 *
 * @param shell by default one in the container itself, in the working folder
 */
export async function lookAround(
  container: RunningContainer,
  shell: Pick<Command, 'workdir'> & Partial<Pick<Command, 'argv'>>,
  { journal, signal, console }: TaskContext,
): Promise<void> {
  journal.log(
    'info',
    'A shell in the container of the build; the build ends when you leave it, by "exit" or Ctrl-D',
  );
  const command = {
    argv: SHELL.argv,
    ...shell,
    environment: { ...SHELL.environment, TERM },
  };
  try {
    await console?.open('terminal', (session) => container.exec(command, session));
  } catch (fault) {
    signal.throwIfAborted();
    journal.log('warning', `The shell ended: ${messageOf(fault)}`);
  }
}

/**
 * What a command that failed did not say itself: that it had no more memory, processes or room on the disk.
 *
 * @param workspace where the command wrote, for the disk
 */
async function reasonOf(container: RunningContainer, workspace: string): Promise<string> {
  const resource = await container.exhausted();
  if (resource !== undefined) return EXHAUSTED[resource];
  return (await isDiskFull(workspace)) ? `, the disk of ${workspace} is full` : '';
}
