// Two small builds that are submitted in one go, and so run at the same time, beside one after the other.
import { SmallBuilds } from './small-builds.mjs';
import { compared, median, seconds } from './table.mjs';

const ARTIFACTS = { 'bench-one': 10, 'bench-two': 10 };

export async function measureParallel(bench) {
  const { runs, signal, say } = bench;
  const times = { together: [], apart: [] };
  const [one, two] = Object.keys(ARTIFACTS);
  say('two small builds, once before they are measured');
  await SmallBuilds.prepared(bench, ARTIFACTS, async (builds) => {
    for (let run = 1; run <= runs; run++) {
      signal.throwIfAborted();
      say(`two small builds in one go and one after the other, run ${run} of ${runs}`);
      times.together.push(await seconds(() => Promise.all([builds.build(one), builds.build(two)])));
      times.apart.push(
        await seconds(async () => {
          await builds.build(one);
          await builds.build(two);
        }),
      );
    }
  });
  const name = 'two small builds in one go, beside one after the other';
  // No limit: how much there is to gain is up to the machine, as a single build already checks the source on a
  // second processor while it compiles on the first.
  return [compared(name, median(times.together), median(times.apart), 's')];
}
