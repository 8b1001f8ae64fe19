import { FatbuildrError } from '@fatbuildr/errors';

/** @param faults one line each: `file: line N: reason` */
export function invalidPolicy(faults: readonly string[]): FatbuildrError {
  const [only] = faults;
  return new FatbuildrError(
    'ACCESS.POLICY',
    faults.length === 1 && only !== undefined
      ? only
      : `the policy has ${faults.length} faults:\n${faults.join('\n')}`,
    { faults },
  );
}

/** @param reason told to who sent the token; more than the signature proves must not be in it */
export const refusedToken = (reason: string) =>
  new FatbuildrError('ACCESS.TOKEN', `the token is refused: ${reason}`, { reason });

export const unknownToken = (id: string, instance: string) =>
  new FatbuildrError(
    'ACCESS.UNKNOWN_TOKEN',
    `instance "${instance}" has no token "${id}" of yours`,
    { id, instance },
  );

export const unknownScope = (scope: string, known: readonly string[]) =>
  new FatbuildrError(
    'ACCESS.SCOPE',
    `there is no action "${scope}", there are: ${known.join(', ')}`,
    {
      scope,
      known,
    },
  );

export const badTokenRequest = (reason: string) =>
  new FatbuildrError('ACCESS.TOKEN_REQUEST', reason);
