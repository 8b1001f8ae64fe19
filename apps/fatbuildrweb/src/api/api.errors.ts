import { FatbuildrError } from '@fatbuildr/errors';

/** @param faults one per field: which, what is wrong with it */
export const invalidRequest = (faults: readonly string[]) =>
  new FatbuildrError('API.INVALID', faults.join('; '), { faults });

export const badOffset = (value: string) =>
  new FatbuildrError(
    'API.INVALID',
    `Last-Event-ID is the id of an event of this journal, a whole number, got "${value}"`,
    { value },
  );

export const foreignOrigin = (origin: string) =>
  new FatbuildrError('ACCESS.DENIED', `pages of ${origin} may not open terminals here`, { origin });

export const widerToken = (scopes: readonly string[]) =>
  new FatbuildrError(
    'ACCESS.WIDER_TOKEN',
    `the token of the request is not good for ${scopes.join(', ')}, so it cannot give that to another`,
    { scopes },
  );
