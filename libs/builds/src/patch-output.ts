import { FatbuildrError } from '@fatbuildr/errors';

/** How dpkg-source, after it, and rpmbuild, before it, name the patch that patch(1) is given. */
const NAMES = [/^dpkg-source: info: if patch '(.+)' is correctly/gm, /^Patch #\d+ \((.+)\):$/gm];

/**
 * Which patch did not apply, to which file and where, from what patch(1) printed:
 *
 *     patching file main.c
 *     Hunk #1 FAILED at 3.
 *     1 out of 1 hunk FAILED -- saving rejects to file main.c.rej
 *
 * @param name of the patch; by default the last that a program around patch(1) names
 * @returns a function for the output; it returns `undefined` when that tells of no such thing
 */
export function explainPatch(artifact: string, name?: string) {
  return (printed: string): FatbuildrError | undefined => {
    const failed = [
      /^Hunk #(?<hunk>\d+) FAILED at (?<line>\d+)/m,
      /^\d+ out of \d+ hunks? FAILED -- saving rejects to file (?<file>.+)\.rej$/m,
      /^can't find file to patch at input line (?<input>\d+)/m,
      /^patch: \*{4} (?<other>.*(?:garbage|malformed).*)$/m,
    ]
      .map((pattern) => pattern.exec(printed))
      .find((match) => match !== null);
    if (failed === undefined) return undefined;
    const {
      hunk,
      line,
      input,
      other,
      file = lastOf(/^patching file (.+)$/gm, printed.slice(0, failed.index)),
    } = failed.groups ?? {};
    const patch =
      name ?? NAMES.map((pattern) => lastOf(pattern, printed)).find((found) => found !== undefined);
    const details = { artifact, patch, file, hunk };
    const subject = `patch ${patch ?? 'of the definition'}`;
    const told = (reason: string) =>
      new FatbuildrError('BUILDS.PATCH_FAILED', `${subject} does not apply ${reason}`, details);
    if (other !== undefined) return told(`to ${artifact}: ${other}`);
    if (input !== undefined) {
      return told(`to ${artifact}: the source has no file that its line ${input} is for`);
    }
    const place = hunk === undefined ? 'a hunk of it' : `hunk ${hunk}, at line ${line},`;
    return told(`to ${file ?? artifact}: ${place} does not match`);
  };
}

function lastOf(pattern: RegExp, text: string): string | undefined {
  return [...text.matchAll(pattern)].at(-1)?.[1];
}
