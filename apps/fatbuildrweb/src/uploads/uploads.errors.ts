import { FatbuildrError } from '@fatbuildr/errors';

export const notMultipart = () =>
  new FatbuildrError('UPLOAD.TYPE', 'the body must be multipart/form-data, with fields and files');

export const tooLarge = (limit: number) =>
  new FatbuildrError(
    'UPLOAD.TOO_LARGE',
    `the upload is larger than the ${limit} bytes that [web] max_upload allows`,
    { limit },
  );

export const brokenOff = () =>
  new FatbuildrError('UPLOAD.BROKEN_OFF', 'the upload ended before it was whole, send it again');

/** @param reason what is wrong with the form, and what is right */
export const badForm = (reason: string, details: Record<string, unknown> = {}) =>
  new FatbuildrError('UPLOAD.FORM', reason, details);

export const unknownField = (name: string, known: readonly string[]) =>
  badForm(`the form has no field ${JSON.stringify(name)}, it has: ${known.join(', ')}`, {
    name,
    known,
  });

export const badField = (name: string, reason: string) =>
  badForm(`field "${name}": ${reason}`, { name });
