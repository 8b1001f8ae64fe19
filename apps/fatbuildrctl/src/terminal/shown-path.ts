import { isAbsolute, relative } from 'node:path';

/** A path as it is said to somebody who works in a folder. */
export function shownPath(cwd: string, path: string): string {
  const short = relative(cwd, path);
  if (short === '') return '.';
  return short.startsWith('..') || isAbsolute(short) ? path : short;
}
