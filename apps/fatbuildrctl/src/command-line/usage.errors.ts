import { distance } from 'fastest-levenshtein';
import { FatbuildrError } from '@fatbuildr/errors';

/** Faults of how the program was called: exit status 2. */
export function usageError(message: string, details: Record<string, unknown> = {}): FatbuildrError {
  return new FatbuildrError('USAGE.WRONG', message, details);
}

export function unknownGeneralOption(flag: string, known: readonly string[]): FatbuildrError {
  return usageError(`unknown option ${flag}${suggestion(flag, known)}`, { flag });
}

export function missingValue(flag: string): FatbuildrError {
  return usageError(`option ${flag} needs a value`, { flag });
}

export function unwantedValue(flag: string): FatbuildrError {
  return usageError(`option ${flag} takes no value`, { flag });
}

export function unknownChoice(
  what: string,
  value: string,
  choices: readonly string[],
): FatbuildrError {
  const message = `unknown ${what} "${value}", there are: ${choices.join(', ')}${suggestion(value, choices)}`;
  return usageError(message, { value, choices });
}

/** ` (did you mean x?)` when one of the words is close, else nothing. */
export function suggestion(word: string, known: readonly string[]): string {
  const close = known
    .map((candidate) => ({ candidate, edits: distance(word, candidate) }))
    .filter(({ candidate, edits }) => edits <= Math.max(2, candidate.length / 3))
    .sort((one, other) => one.edits - other.edits)[0];
  return close ? ` (did you mean ${close.candidate}?)` : '';
}
