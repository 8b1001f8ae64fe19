import { FatbuildrError } from '@fatbuildr/errors';

export const unknownFile = (path: string) =>
  new FatbuildrError('FILES.UNKNOWN', `there is no file "${path}"`, { path });
