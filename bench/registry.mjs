// What a registry takes for a change and for a listing, by its size. Ours is driven within this process, as
// the daemon does it; reprepro and aptly are programs, as they are used.
import { rm } from 'node:fs/promises';
import { Aptly } from './aptly.mjs';
import { Reprepro } from './reprepro.mjs';
import { BY_SIZE, emptyScratch, LARGE, SIZE, SizedRegistries } from './sized-registries.mjs';
import { alone, compared } from './table.mjs';
import { nameOf, writeTinyPackage } from './tiny-packages.mjs';

/** Of the time reprepro takes, and aptly. */
const AGAINST_PEERS = 0.5;
/** Ten packages, in one go or each for itself at the same time, may cost so many times as much as one. */
const TEN_AT_ONCE = 2;
/** Seconds. */
const LISTING = 0.05;

export async function measureRegistries({ root, home, signal, say }) {
  const { scratch, packages } = await emptyScratch(home, 'registry-bench');
  // Names and versions that neither registry holds, from one run of the benchmarks to the next.
  const version = String(Date.now());
  let number = LARGE;
  const coming = (count) =>
    Promise.all(
      Array.from({ length: count }, () => writeTinyPackage(packages, nameOf(++number), version)),
    );

  const reprepro = await Reprepro.prepare({ home, size: SIZE, signal, say });
  const aptly = await Aptly.prepare({ home, size: SIZE, signal, say });
  const registries = new SizedRegistries({ root, scratch, format: 'deb', signal, say });
  const time = (name, work) => registries.time(name, work);
  try {
    const [first] = await coming(1);
    await registries.with(SIZE, first, async (small) => {
      const [file] = await coming(1);
      const added = nameOf(number);
      await time('one', () => small.publish([file]));
      await time('reprepro', () => reprepro.publish([file]));
      await time('aptly', () => aptly.publish([file]));
      const ten = await coming(10);
      await time('ten', () => small.publish(ten));
      const apart = await coming(10);
      await time('concurrent', () => Promise.all(apart.map((one) => small.publish([one]))));
      await time('deletion', () => small.delete(added, version));
      await time('list', () => small.list());
      await time('search', () => small.search(''));
    });
  } finally {
    await reprepro.close();
    await aptly.close();
  }
  const [first] = await coming(1);
  await registries.with(LARGE, first, async (large) => {
    const files = await coming(1);
    await time('large', () => large.publish(files));
  });
  await rm(scratch, { recursive: true });

  const beside = (name, ours, peer, limit) =>
    compared(name, registries.median(ours), registries.median(peer), 's', limit);
  const own = (name, ours, limit) => alone(name, registries.median(ours), 's', limit);
  return [
    beside(
      `publishing a package into ${SIZE}, beside reprepro includedeb`,
      ...['one', 'reprepro', AGAINST_PEERS],
    ),
    beside(
      `publishing a package into ${SIZE}, beside aptly repo add and publish update`,
      ...['one', 'aptly', AGAINST_PEERS],
    ),
    beside(`publishing a package into ${LARGE}, beside into ${SIZE}`, 'large', 'one', BY_SIZE),
    beside('publishing ten packages in one go, beside one', 'ten', 'one', TEN_AT_ONCE),
    beside('ten publications at the same time, beside one', 'concurrent', 'one', TEN_AT_ONCE),
    own(`deleting a package of ${SIZE}`, 'deletion'),
    own(`listing ${SIZE} packages, in the service`, 'list', LISTING),
    own(`a search that finds ${SIZE} packages, in the service`, 'search', LISTING),
  ];
}
