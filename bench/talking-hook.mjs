// A task that talks when it is asked to: the site's hook prints into its journal.
import { chmod, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The only task that talks: there is a key, so that it does nothing else. */
const TASK = 'keyring creation';

/** Bytes of a line. A hook may print a megabyte and has a minute. */
export const LINE = 100;
/** Milliseconds between portions of as many lines. */
const PAUSE = 20;
const PORTION = 10;

/**
 * Each line begins with the time it is printed, milliseconds since the epoch.
 *
 * @param {string} folder
 * @returns the path of the hook, and how to let it print so many lines: it waits for that
 */
export async function writeTalkingHook(folder) {
  const program = join(folder, 'hook');
  const order = join(folder, 'order');
  await writeFile(
    program,
    `#!${process.execPath}
const { readFileSync } = require('node:fs');
if (process.argv[2] !== 'start' || process.env.FATBUILDR_TASK_NAME !== '${TASK}') process.exit();
let left;
const timer = setInterval(() => {
  try {
    left ??= Number(readFileSync('${order}', 'utf8'));
  } catch {
    return;
  }
  let text = '';
  for (let line = 0; line < ${PORTION} && left > 0; line++, left--) {
    text += (Date.now() + ' ' + left).padEnd(${LINE - 1}, '.') + '\\n';
  }
  process.stdout.write(text);
  if (left === 0) clearInterval(timer);
}, ${PAUSE});
`,
  );
  await chmod(program, 0o755);
  return {
    program,
    say: (lines) => writeFile(order, String(lines)),
    hush: () => rm(order, { force: true }),
  };
}
