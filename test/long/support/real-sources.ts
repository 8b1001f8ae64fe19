import { join, resolve } from 'node:path';
import { execute, type Ended } from '../../e2e/support/installation';

/** Definitions of what upstream projects released. */
export const DEFINITIONS = resolve(__dirname, '../../e2e/definitions');

const PROGRAM = resolve(__dirname, '../../../scripts/home/source-archives.mjs');

/** Puts the archives of some of them in the cache of an installation, from the package sources of this machine. */
export function placeSources(home: string, names: readonly string[]): Promise<Ended> {
  const definitions = names.map((name) => join(DEFINITIONS, name));
  return execute([process.execPath, PROGRAM, home, ...definitions]);
}
