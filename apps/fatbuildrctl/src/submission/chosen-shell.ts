import type { ShellParameters } from '@fatbuildr/protocol';
import type { Terminal } from '../terminal/terminal';
import { severalShells, shellOfNobody } from './submission.errors';

/**
 * What is to run in an image or environment, and whether it is fed from a pipe.
 *
 * @param matches where it would run
 * @throws FatbuildrError `USAGE.WRONG` for a shell that nobody can be in
 */
export function chosenShell(
  command: string[],
  matches: readonly string[],
  batch: boolean,
  terminal: Pick<Terminal, 'type'>,
): { shell: ShellParameters; piped: boolean } {
  if (command.length === 0) {
    if (batch) throw shellOfNobody();
    if (matches.length > 1) throw severalShells(matches);
  }
  const term = batch ? '' : terminal.type;
  return { shell: { term, command }, piped: term === '' && !batch };
}
