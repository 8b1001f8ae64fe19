// What a registry takes for a change and for a listing, by its size. Ours is driven within this process, as
// the daemon does it; reprepro and aptly are programs, as they are used.
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Aptly } from './aptly.mjs';
import { OwnRegistry } from './own-registry.mjs';
import { Reprepro } from './reprepro.mjs';
import { alone, compared, median, seconds } from './table.mjs';
import { nameOf, writeTinyPackage } from './tiny-packages.mjs';

const SIZE = 10_000;
const LARGE = 100_000;
/** One change is over in a fraction of a second and varies as much as other work on the machine. */
const RUNS = 7;
/** Of the time reprepro takes, and aptly. */
const AGAINST_PEERS = 0.5;
/** Ten times as many packages may cost so many times as much. */
const BY_SIZE = 5;
/** Ten packages, in one go or each for itself at the same time, may cost so many times as much as one. */
const TEN_AT_ONCE = 2;
/** Seconds. */
const LISTING = 0.05;

export async function measureRegistries({ root, home, signal, say }) {
  const scratch = join(home, 'registry-bench');
  await rm(scratch, { recursive: true, force: true });
  const packages = join(scratch, 'packages');
  await mkdir(packages, { recursive: true });
  // Names and versions that neither registry holds, from one run of the benchmarks to the next.
  const version = String(Date.now());
  let number = LARGE;
  const coming = (count) =>
    Promise.all(
      Array.from({ length: count }, () => writeTinyPackage(packages, nameOf(++number), version)),
    );

  const reprepro = await Reprepro.prepare({ home, size: SIZE, signal, say });
  const aptly = await Aptly.prepare({ home, size: SIZE, signal, say });
  const open = async (size) => {
    say(`a registry of ${size} packages of ours`);
    const registry = await OwnRegistry.create({ root, folder: join(scratch, `${size}`), size });
    await registry.publish(await coming(1));
    return registry;
  };
  const names = ['one', 'reprepro', 'aptly', 'ten', 'concurrent', 'deletion', 'list', 'search'];
  const times = Object.fromEntries(names.map((name) => [name, []]));
  const small = await open(SIZE);
  try {
    for (let run = 1; run <= RUNS; run++) {
      signal.throwIfAborted();
      say(`publications into ${SIZE} packages, run ${run} of ${RUNS}`);
      const [file] = await coming(1);
      const added = nameOf(number);
      times.one.push(await seconds(() => small.publish([file])));
      times.reprepro.push(await seconds(() => reprepro.publish([file])));
      times.aptly.push(await seconds(() => aptly.publish([file])));
      const ten = await coming(10);
      times.ten.push(await seconds(() => small.publish(ten)));
      const apart = await coming(10);
      times.concurrent.push(
        await seconds(() => Promise.all(apart.map((one) => small.publish([one])))),
      );
      times.deletion.push(await seconds(() => small.delete(added, version)));
      times.list.push(await seconds(() => small.list()));
      times.search.push(await seconds(() => small.search('')));
    }
  } finally {
    await small.close();
    await reprepro.close();
    await aptly.close();
  }
  const large = [];
  const big = await open(LARGE);
  try {
    for (let run = 1; run <= RUNS; run++) {
      signal.throwIfAborted();
      const files = await coming(1);
      large.push(await seconds(() => big.publish(files)));
    }
  } finally {
    await big.close();
  }
  await rm(scratch, { recursive: true });

  const one = median(times.one);
  return [
    compared(
      `publishing a package into ${SIZE}, beside reprepro includedeb`,
      one,
      median(times.reprepro),
      's',
      AGAINST_PEERS,
    ),
    compared(
      `publishing a package into ${SIZE}, beside aptly repo add and publish update`,
      one,
      median(times.aptly),
      's',
      AGAINST_PEERS,
    ),
    compared(
      `publishing a package into ${LARGE}, beside into ${SIZE}`,
      median(large),
      one,
      's',
      BY_SIZE,
    ),
    compared(
      'publishing ten packages in one go, beside one',
      median(times.ten),
      one,
      's',
      TEN_AT_ONCE,
    ),
    compared(
      'ten publications at the same time, beside one',
      median(times.concurrent),
      one,
      's',
      TEN_AT_ONCE,
    ),
    alone(`deleting a package of ${SIZE}`, median(times.deletion), 's'),
    alone(`listing ${SIZE} packages, in the service`, median(times.list), 's', LISTING),
    alone(
      `a search that finds ${SIZE} packages, in the service`,
      median(times.search),
      's',
      LISTING,
    ),
  ];
}
