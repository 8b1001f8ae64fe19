import { FatbuildrError } from '@fatbuildr/errors';
import { usageError } from '../command-line/usage.errors';

const list = (names: readonly string[]) => (names.length === 0 ? 'none' : names.join(', '));

export function formatContradiction(
  distribution: string,
  format: string,
  actual: string,
): FatbuildrError {
  return new FatbuildrError(
    'TARGET.CONTRADICTION',
    `distribution ${distribution} is of format ${actual}, not ${format}: leave out --format or choose another distribution`,
    { distribution, format, actual },
  );
}

export function formatNotDefined(
  artifact: string,
  format: string,
  formats: readonly string[],
): FatbuildrError {
  return new FatbuildrError(
    'TARGET.FORMAT_NOT_DEFINED',
    `artifact ${artifact} does not define format ${format}; it defines: ${list(formats)}`,
    { artifact, format, formats },
  );
}

export function ambiguousFormat(artifact: string, formats: readonly string[]): FatbuildrError {
  return new FatbuildrError(
    'TARGET.AMBIGUOUS_FORMAT',
    formats.length === 0
      ? `artifact ${artifact} defines no format`
      : `artifact ${artifact} defines several formats, choose one with --format or a distribution with --distribution: ${list(formats)}`,
    { artifact, formats },
  );
}

export function unknownFormat(format: string, formats: readonly string[]): FatbuildrError {
  return new FatbuildrError(
    'TARGET.UNKNOWN_FORMAT',
    `this instance has no format ${format}; it has: ${list(formats)}`,
    { format, formats },
  );
}

export function ambiguousDistribution(
  format: string,
  distributions: readonly string[],
): FatbuildrError {
  return new FatbuildrError(
    'TARGET.AMBIGUOUS_DISTRIBUTION',
    `format ${format} has several distributions, choose one with --distribution: ${list(distributions)}`,
    { format, distributions },
  );
}

export function derivativeWithoutFormat(
  derivative: string,
  format: string,
  formats: readonly string[],
): FatbuildrError {
  return new FatbuildrError(
    'TARGET.DERIVATIVE_FORMAT',
    `derivative ${derivative} has no format ${format}; it has: ${list(formats)}`,
    { derivative, format, formats },
  );
}

export function unknownArchitecture(
  architecture: string,
  architectures: readonly string[],
): FatbuildrError {
  return new FatbuildrError(
    'TARGET.UNKNOWN_ARCHITECTURE',
    `this instance has no architecture ${architecture}; it has: ${list(architectures)}`,
    { architecture, architectures },
  );
}

export function distributionWithoutEnvironment(distribution: string): FatbuildrError {
  return new FatbuildrError(
    'TARGET.NO_ENVIRONMENT',
    `distribution ${distribution} has no build environment`,
    { distribution },
  );
}

export function unknownAuthor(what: 'name' | 'email', preferences: string): FatbuildrError {
  return new FatbuildrError(
    'SUBMISSION.UNKNOWN_AUTHOR',
    `your ${what} is not known: give --${what}, set ${what} in section [user] of ${preferences}, or run: git config --global user.${what} …`,
    { what, preferences },
  );
}

export function noMessage(preferences: string): FatbuildrError {
  return new FatbuildrError(
    'SUBMISSION.NO_MESSAGE',
    `the build needs a message for the changelog: give --msg, set message in section [prefs] of ${preferences}, or set $EDITOR and call from a terminal`,
    { preferences },
  );
}

export function emptyMessage(editor: string): FatbuildrError {
  return new FatbuildrError(
    'SUBMISSION.EMPTY_MESSAGE',
    'the message was left empty, nothing is submitted',
    { editor },
  );
}

export function editorFailed(editor: string, status: number | undefined): FatbuildrError {
  return new FatbuildrError(
    'SUBMISSION.EDITOR_FAILED',
    `the editor "${editor}" ended with status ${status ?? 'of a signal'}, nothing is submitted`,
    { editor, status },
  );
}

export const needsTerminal = () =>
  usageError(
    'standard input and output are no terminal, so nobody could use the shell of a failed build: leave out --interactive',
  );

export const badKeeping = (value: string) =>
  usageError(`--keep-failed: expected a length of time such as 2h or 1d, got "${value}"`, {
    value,
  });

export const shellOfNobody = () =>
  usageError('with --batch nobody types into a shell: give it a command behind "--"');

export const severalShells = (matches: readonly string[]) =>
  usageError(
    `one shell at a time: choose with --format, --distribution or --architecture among ${list(matches)}`,
    { matches },
  );

export const nothingToLock = (folder: string, prescript: string) =>
  new FatbuildrError(
    'CTL.NO_PRESCRIPT',
    `${folder} has no ${prescript}, so that --update-lock has nothing to write; leave it out`,
    { folder },
  );

export const lockInBatch = () =>
  usageError('--update-lock writes at the end of the build, which --batch does not wait for');
