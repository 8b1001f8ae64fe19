import { FatbuildrError } from '@fatbuildr/errors';

/** @param faults one line each: `file: section.key: reason` */
export function invalidConfiguration(faults: readonly string[]): FatbuildrError {
  const [only] = faults;
  return new FatbuildrError(
    'CONFIG.INVALID',
    faults.length === 1 && only !== undefined
      ? only
      : `the configuration has ${faults.length} faults:\n${faults.join('\n')}`,
    { faults },
  );
}

/** A value that is not what its key, or the user's command, expects. */
export function unexpectedValue(expected: string, value: string): FatbuildrError {
  return new FatbuildrError('CONFIG.VALUE', `expected ${expected}, got "${value}"`, {
    expected,
    value,
  });
}

/** {@link unexpectedValue} for a value that may hold a password and is not shown. */
export function unexpectedSecret(expected: string): FatbuildrError {
  return new FatbuildrError(
    'CONFIG.VALUE',
    `expected ${expected}, got something else (not shown, it may hold a password)`,
    { expected },
  );
}

export function programRootNotFound(from: string): FatbuildrError {
  return new FatbuildrError(
    'CONFIG.PROGRAM_ROOT',
    `no folder from "${from}" upwards holds the package.json of fatbuildr: the installation is incomplete`,
    { from },
  );
}
