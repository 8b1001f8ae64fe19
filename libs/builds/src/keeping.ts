import { formatInterval, parseInterval, type Configuration } from '@fatbuildr/config';
import { messageOf } from '@fatbuildr/errors';
import { badKeeping } from './kept-builds.errors';

/**
 * Checks for how long a failed build is to be kept.
 *
 * @param text for example `2h`
 * @returns the same
 * @throws FatbuildrError `BUILDS.KEEP_FAILED`
 */
export function checkKeeping(
  text: string,
  { keepFailed: most }: Pick<Configuration['tasks'], 'keepFailed'>,
): string {
  let asked: number;
  try {
    asked = parseInterval(text);
  } catch (fault) {
    throw badKeeping(messageOf(fault));
  }
  if (most === undefined) throw badKeeping('[tasks] keep_failed of the daemon allows none');
  if (asked > most) {
    throw badKeeping(
      `at most ${formatInterval(most)}, as [tasks] keep_failed says, not ${text.trim()}`,
    );
  }
  return text.trim();
}
