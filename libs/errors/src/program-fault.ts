import { FatbuildrError, messageOf } from './fatbuildr.error';

/** Exit statuses of programs that serve. */
export const EXIT_FAULT = 1;
export const EXIT_USAGE = 2;

/**
 * Says on standard error why a program ends. What was not foreseen has no better explanation than its stack,
 * for who asks for it with `--debug`.
 *
 * @returns its exit status
 */
export function reportFault(program: string, fault: unknown): number {
  process.stderr.write(`${program}: ${messageOf(fault)}\n`);
  if (isUsage(fault)) return EXIT_USAGE;
  if (fault instanceof Error && !(fault instanceof FatbuildrError)) {
    const more = process.argv.includes('--debug') ? fault.stack : 'use --debug for more';
    process.stderr.write(`${more}\n`);
  }
  return EXIT_FAULT;
}

/** Wrong options: those parseArgs() of Node refuses, and values that we refuse ourselves. */
function isUsage(fault: unknown): boolean {
  const code = fault instanceof Error && 'code' in fault ? String(fault.code) : '';
  return code.startsWith('ERR_PARSE_ARGS') || code.endsWith('.USAGE');
}
