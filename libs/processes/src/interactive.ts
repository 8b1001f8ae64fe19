import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { FatbuildrError } from '@fatbuildr/errors';

export interface InteractOptions {
  cwd?: string;
  /** The whole environment, by default our own. */
  env?: NodeJS.ProcessEnv;
  /** What it prints goes to our standard error: standard output is for results. */
  aside?: boolean;
}

/**
 * Hands our terminal to a program, for example an editor, until it ends. It gets our own environment:
 * it acts for the user, not for us.
 *
 * @returns its exit status, `undefined` when a signal ended it
 * @throws FatbuildrError `PROCESS.MISSING`
 */
export async function interact(
  argv: readonly [string, ...string[]],
  { aside = false, ...options }: InteractOptions = {},
): Promise<number | undefined> {
  const [program, ...args] = argv;
  const child = spawn(program, args, {
    ...options,
    stdio: ['inherit', aside ? 2 : 'inherit', 'inherit'],
  });
  try {
    const [status] = (await once(child, 'exit')) as [number | null];
    return status ?? undefined;
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code !== 'ENOENT') throw fault;
    throw new FatbuildrError(
      'PROCESS.MISSING',
      `the program "${program}" is not installed on this host, install it`,
      { program },
      { cause: fault },
    );
  }
}
