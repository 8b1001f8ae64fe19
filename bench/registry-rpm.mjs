// What a DNF registry takes for a change, by its size, and for a signature. Ours is driven within this process,
// as the daemon does it; createrepo_c and rpmsign are programs, as they are used.
import { copyFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Createrepo } from './createrepo.mjs';
import { OwnRegistry } from './own-registry.mjs';
import { compared, median, seconds } from './table.mjs';
import { nameOf } from './tiny-packages.mjs';
import { buildTinyRpms } from './tiny-rpms.mjs';

const SIZE = 10_000;
const LARGE = 100_000;
const RUNS = 7;
/** Of the time createrepo_c takes. */
const AGAINST_CREATEREPO = 0.5;
/** Ten times as many packages may cost so many times as much. */
const BY_SIZE = 5;
/** Of the time rpmsign takes. */
const AGAINST_RPMSIGN = 0.33;

export async function measureRpmRegistry({ root, home, signal, say }) {
  const scratch = join(home, 'registry-rpm-bench');
  await rm(scratch, { recursive: true, force: true });
  const folder = join(scratch, 'packages');
  await mkdir(folder, { recursive: true });
  const createrepo = await Createrepo.prepare({ home, size: SIZE, signal, say });
  const names = Array.from({ length: 3 * RUNS + 4 }, (_, at) => nameOf(LARGE + at + 1));
  const coming = await buildTinyRpms({ folder, names, version: String(Date.now()), signal });
  const sample = coming.pop();
  const open = async (size) => {
    say(`a DNF registry of ${size} packages of ours`);
    const at = join(scratch, `${size}`);
    const registry = await OwnRegistry.create({ root, folder: at, size, format: 'rpm', sample });
    await registry.publish([coming.pop()]);
    return registry;
  };
  const kinds = ['one', 'update', 'plain', 'signing', 'rpmsign'];
  const times = Object.fromEntries(kinds.map((name) => [name, []]));
  const small = await open(SIZE);
  try {
    for (let run = 1; run <= RUNS; run++) {
      signal.throwIfAborted();
      say(`publications into ${SIZE} packages, run ${run} of ${RUNS}`);
      const file = coming.pop();
      await createrepo.add(file);
      times.update.push(await seconds(() => createrepo.update()));
      await createrepo.remove(file);
      await createrepo.update('--no-database');
      await createrepo.add(file);
      times.plain.push(await seconds(() => createrepo.update('--no-database')));
      await createrepo.remove(file);
      await createrepo.update();
      times.one.push(await seconds(() => small.publish([file])));
      const unsigned = coming.pop();
      const theirs = join(scratch, 'rpmsign.rpm');
      await copyFile(unsigned, theirs);
      times.rpmsign.push(await seconds(() => createrepo.sign(theirs)));
      // Reads, signs, digests and describes it.
      times.signing.push(await seconds(() => small.read([unsigned])));
    }
  } finally {
    await small.close();
    await createrepo.close();
  }
  const large = [];
  const big = await open(LARGE);
  try {
    for (let run = 1; run <= RUNS; run++) {
      signal.throwIfAborted();
      const file = coming.pop();
      large.push(await seconds(() => big.publish([file])));
    }
  } finally {
    await big.close();
  }
  await rm(scratch, { recursive: true });
  const one = median(times.one);
  return [
    compared(
      `publishing an RPM into ${SIZE}, signed, beside createrepo_c --update`,
      one,
      median(times.update),
      's',
      AGAINST_CREATEREPO,
    ),
    compared(
      `publishing an RPM into ${SIZE}, signed, beside createrepo_c --update without SQLite`,
      one,
      median(times.plain),
      's',
    ),
    compared(
      `publishing an RPM into ${LARGE}, beside into ${SIZE}`,
      median(large),
      one,
      's',
      BY_SIZE,
    ),
    compared(
      'reading and signing an RPM, beside rpmsign',
      median(times.signing),
      median(times.rpmsign),
      's',
      AGAINST_RPMSIGN,
    ),
  ];
}
