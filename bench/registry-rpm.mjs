// What a DNF registry takes for a change, by its size, and for a signature. Ours is driven within this process,
// as the daemon does it; createrepo_c and rpmsign are programs, as they are used.
import { copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Createrepo } from './createrepo.mjs';
import { BY_SIZE, emptyScratch, LARGE, RUNS, SIZE, SizedRegistries } from './sized-registries.mjs';
import { compared } from './table.mjs';
import { nameOf } from './tiny-packages.mjs';
import { buildTinyRpms } from './tiny-rpms.mjs';

/** Of the time createrepo_c takes. */
const AGAINST_CREATEREPO = 0.5;
/** Of the time rpmsign takes. */
const AGAINST_RPMSIGN = 0.33;

export async function measureRpmRegistry({ root, home, signal, say }) {
  const { scratch, packages: folder } = await emptyScratch(home, 'registry-rpm-bench');
  const createrepo = await Createrepo.prepare({ home, size: SIZE, signal, say });
  const names = Array.from({ length: 3 * RUNS + 4 }, (_, at) => nameOf(LARGE + at + 1));
  const coming = await buildTinyRpms({ folder, names, version: String(Date.now()), signal });
  const sample = coming.pop();
  const registries = new SizedRegistries({ root, scratch, format: 'rpm', sample, signal, say });
  const time = (name, work) => registries.time(name, work);
  try {
    await registries.with(SIZE, coming.pop(), async (small) => {
      const file = coming.pop();
      await createrepo.add(file);
      await time('update', () => createrepo.update());
      await createrepo.remove(file);
      await createrepo.update('--no-database');
      await createrepo.add(file);
      await time('plain', () => createrepo.update('--no-database'));
      await createrepo.remove(file);
      await createrepo.update();
      await time('one', () => small.publish([file]));
      const unsigned = coming.pop();
      const theirs = join(scratch, 'rpmsign.rpm');
      await copyFile(unsigned, theirs);
      await time('rpmsign', () => createrepo.sign(theirs));
      // Reads, signs, digests and describes it.
      await time('signing', () => small.read([unsigned]));
    });
  } finally {
    await createrepo.close();
  }
  await registries.with(LARGE, coming.pop(), async (large) => {
    const file = coming.pop();
    await time('large', () => large.publish([file]));
  });
  await rm(scratch, { recursive: true });
  const beside = (name, ours, peer, limit) =>
    compared(name, registries.median(ours), registries.median(peer), 's', limit);
  return [
    beside(
      `publishing an RPM into ${SIZE}, signed, beside createrepo_c --update`,
      ...['one', 'update', AGAINST_CREATEREPO],
    ),
    beside(
      `publishing an RPM into ${SIZE}, signed, beside createrepo_c --update without SQLite`,
      ...['one', 'plain'],
    ),
    beside(`publishing an RPM into ${LARGE}, beside into ${SIZE}`, 'large', 'one', BY_SIZE),
    beside(
      'reading and signing an RPM, beside rpmsign',
      ...['signing', 'rpmsign', AGAINST_RPMSIGN],
    ),
  ];
}
