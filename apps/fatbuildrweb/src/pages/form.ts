import { FatbuildrError } from '@fatbuildr/errors';

/** The fields of a form as the browser sent them: strangers send anything. */
export type FormBody = Readonly<Record<string, unknown>> | undefined;

/**
 * A field that must be there.
 *
 * @throws FatbuildrError `WEB.FORM`
 */
export function formText(body: FormBody, name: string): string {
  const value = body?.[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new FatbuildrError('WEB.FORM', `the field "${name}" of the form is missing`, { name });
}
