import { FatbuildrError } from '@fatbuildr/errors';

export const missingParameter = (name: string) =>
  new FatbuildrError('WEB.PARAMETER', `the parameter "${name}" is missing: add it to the query`, {
    name,
  });
