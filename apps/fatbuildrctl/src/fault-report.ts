import { FatbuildrError, messageOf } from '@fatbuildr/errors';
import { CommanderError } from 'commander';
import type { GeneralOptions } from './command-line/general-options';
import { EXIT } from './exit-status';
import type { OutputStream } from './program-environment';
import { Interrupted } from './tasks/interrupted';

/** Says in one line what went wrong. @returns the exit status it stands for */
export function reportFault(
  thrown: unknown,
  options: Pick<GeneralOptions, 'debug' | 'fulldebug'>,
  stderr: OutputStream,
): number {
  stderr.write(`fatbuildrctl: ${textOf(thrown)}\n`);
  if (options.debug) {
    for (let cause = causeOf(thrown); cause !== undefined; cause = causeOf(cause)) {
      stderr.write(`  caused by: ${messageOf(cause)}\n`);
    }
  }
  if (options.fulldebug && thrown instanceof Error) stderr.write(`${thrown.stack}\n`);
  return statusOf(thrown);
}

function statusOf(thrown: unknown): number {
  if (thrown instanceof Interrupted) return EXIT.interrupted;
  if (thrown instanceof CommanderError) return EXIT.usage;
  return thrown instanceof FatbuildrError && thrown.code.startsWith('USAGE.')
    ? EXIT.usage
    : EXIT.failure;
}

function textOf(thrown: unknown): string {
  const message = messageOf(thrown);
  if (!(thrown instanceof CommanderError)) return message;
  // Commander starts with "error: " and puts its suggestion on a line of its own.
  return message
    .replace(/^error: /, '')
    .replace(/\s*\n\s*/g, ' ')
    .replace('(Did', '(did');
}

function causeOf(thrown: unknown): unknown {
  return thrown instanceof Error ? thrown.cause : undefined;
}
