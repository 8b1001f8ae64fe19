import type { FormatParameters } from '@fatbuildr/builds';
import { badBuildargs } from './builder.errors';

/** A word as a shell would read it, without anything it would put in the place of something else. */
const WORD = /\s*((?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+)/y;

/**
 * The options of rpmbuild that a definition asks for: a list, or text with quotes as in a shell.
 *
 * @throws FatbuildrError `RPM.BAD_BUILDARGS`
 */
export function buildargs({ buildargs: given }: FormatParameters, artifact: string): string[] {
  if (given === undefined) return [];
  if (typeof given === 'string') return words(given, artifact);
  if (Array.isArray(given) && given.every((one) => typeof one === 'string')) return [...given];
  throw badBuildargs(artifact, 'expected text or a list of texts');
}

function words(text: string, artifact: string): string[] {
  const found: string[] = [];
  let at = 0;
  while (text.slice(at).trim() !== '') {
    WORD.lastIndex = at;
    const match = WORD.exec(text);
    if (match === null) throw badBuildargs(artifact, 'a quote is not closed');
    at = WORD.lastIndex;
    found.push(
      match[1]!.replace(
        /\\(.)|"((?:[^"\\]|\\.)*)"|'([^']*)'/g,
        (_, escaped?: string, double?: string, single?: string) =>
          escaped ?? single ?? double!.replace(/\\(["\\$`])/g, '$1'),
      ),
    );
  }
  return found;
}
