// Benchmarks: a table of what Fatbuildr takes beside what its peers take, both measured here and now, in
// turns, so that other work on the machine hits both. Prints to standard error what it does and to standard
// output the table.
//
//   npm run bench -- [--json FILE] [--runs N] [--only PART]
//
// A row: `ours` and `peer` in `unit`, `ratio` = ours / peer, and `limit`, the most that `ratio` may be; where
// there is no peer `limit` is the most that `ours` may be. `null` stands for what does not apply.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { CommandLine, Daemon } from '../scripts/home/daemon.mjs';
import { existingImages, withEngine } from '../scripts/home/engine.mjs';
import { placeSources } from '../scripts/home/source-archives.mjs';
import { hostRelease } from '../scripts/home/host.mjs';
import { createImages, createKey, writeInstance } from '../scripts/home/instance.mjs';
import { measureFollowers } from './followers.mjs';
import { measureListings } from './listing.mjs';
import { measureMemory } from './memory.mjs';
import { measureParallel } from './parallel.mjs';
import { measureRebuilds } from './rebuild.mjs';
import { measureRegistries } from './registry.mjs';
import { measureRpmRegistry } from './registry-rpm.mjs';
import { measureStarts } from './start.mjs';
import { table } from './table.mjs';
import { measureTasks } from './tasks.mjs';
import { measureWeb } from './web.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const home = resolve(process.env.FATBUILDR_HOME || join(root, 'var/bench'));

const PARTS = [
  'rebuild',
  'start',
  'parallel',
  'followers',
  'registry',
  'registry-rpm',
  'listing',
  'memory',
  'tasks',
  'web',
];

function usage(fault) {
  console.error(
    `bench: ${fault}\nusage: npm run bench -- [--json FILE] [--runs N] [--only ${PARTS.join('|')}]`,
  );
  process.exit(2);
}

function options() {
  try {
    const { values } = parseArgs({
      options: {
        json: { type: 'string' },
        runs: { type: 'string', default: '3' },
        only: { type: 'string' },
      },
    });
    return { ...values, runs: Number(values.runs) };
  } catch (fault) {
    return usage(fault.message);
  }
}

const { json, runs, only } = options();
if (!Number.isInteger(runs) || runs < 1) usage('--runs takes a whole number from 1');
if (only !== undefined && !PARTS.includes(only)) usage(`there is no part "${only}"`);

const stopping = new AbortController();
for (const name of ['SIGHUP', 'SIGINT', 'SIGTERM']) {
  process.on(name, () => stopping.abort(new Error(`stopped by ${name}`)));
}
const { signal } = stopping;
const say = (text) => console.error(`bench: ${text}`);

/** A home with key, images and archive, made at the first run and kept. */
async function prepare() {
  const release = await hostRelease();
  const { codename } = release;
  await mkdir(home, { recursive: true });
  await writeInstance({ home, name: 'Bench', ...release });
  await placeSources({ home, codename, definitions: [join(root, 'examples/hello')], signal });
  const made = await withEngine({ root, home }, (engine) =>
    existingImages(engine, { root, codename }),
  );
  const ctl = new CommandLine({ root, home, signal });
  const daemon = await Daemon.start({ root, home, log: join(home, 'bench.log'), signal });
  try {
    await createKey(ctl);
    await createImages(ctl, made, { codename, note: say });
  } finally {
    await daemon.stop();
  }
  return { root, home, ctl, codename, image: made.name, runs, signal, say };
}

try {
  const wanted = (part) => only === undefined || only === part;
  const rows = [];
  if (['start', 'rebuild', 'parallel', 'followers'].some(wanted)) {
    const bench = await prepare();
    if (wanted('start')) rows.push(...(await measureStarts(bench)));
    if (wanted('rebuild')) rows.push(...(await measureRebuilds(bench)));
    if (wanted('parallel')) rows.push(...(await measureParallel(bench)));
    if (wanted('followers')) rows.push(...(await measureFollowers(bench)));
  }
  if (wanted('registry')) rows.push(...(await measureRegistries({ root, home, signal, say })));
  if (wanted('registry-rpm')) rows.push(...(await measureRpmRegistry({ root, home, signal, say })));
  if (wanted('listing')) rows.push(...(await measureListings({ root, home, signal, say })));
  if (wanted('memory')) rows.push(...(await measureMemory({ root, home, signal, say })));
  if (wanted('tasks')) rows.push(...(await measureTasks({ root, home, runs, signal, say })));
  if (wanted('web')) rows.push(...(await measureWeb({ root, home, runs, signal, say })));
  console.log(table(rows));
  if (json !== undefined) await writeFile(json, `${JSON.stringify(rows, null, 2)}\n`);
} catch (fault) {
  console.error(`bench: ${fault instanceof Error ? fault.message : fault}`);
  process.exitCode = 1;
}
