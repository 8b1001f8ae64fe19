// What benchmarks of registries share, whatever the format: registries of ours of two sizes, and what is done to
// them several times.
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { OwnRegistry } from './own-registry.mjs';
import { median, seconds } from './table.mjs';

export const SIZE = 10_000;
export const LARGE = 100_000;
/** One change is over in a fraction of a second and varies as much as other work on the machine. */
export const RUNS = 7;
/** Ten times as many packages may cost so many times as much. */
export const BY_SIZE = 5;

export class SizedRegistries {
  #settings;
  #times = new Map();

  /** @param {{ root, scratch, format, signal, say, sample? }} settings see `OwnRegistry.create` */
  constructor(settings) {
    this.#settings = settings;
  }

  /**
   * @param {number} size of the registry
   * @param {string} file published into it first, which makes more than a change does
   * @param {(registry: OwnRegistry) => Promise<void>} work done `RUNS` times
   */
  async with(size, file, work) {
    const { scratch, signal, say, ...settings } = this.#settings;
    say(`a ${settings.format} registry of ${size} packages of ours`);
    const folder = join(scratch, `${size}`);
    const registry = await OwnRegistry.create({ ...settings, folder, size });
    try {
      await registry.publish([file]);
      for (let run = 1; run <= RUNS; run++) {
        signal.throwIfAborted();
        say(`changes of ${size} packages, run ${run} of ${RUNS}`);
        await work(registry);
      }
    } finally {
      await registry.close();
    }
  }

  /** Measures one run of what has this name. */
  async time(name, work) {
    const times = this.#times.get(name) ?? [];
    this.#times.set(name, [...times, await seconds(work)]);
  }

  /** Seconds. */
  median(name) {
    return median(this.#times.get(name));
  }
}

/** A folder below the home for one benchmark, with an empty one for packages in it. */
export async function emptyScratch(home, name) {
  const scratch = join(home, name);
  await rm(scratch, { recursive: true, force: true });
  const packages = join(scratch, 'packages');
  await mkdir(packages, { recursive: true });
  return { scratch, packages };
}
