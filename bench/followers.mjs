// Many who follow the log of one build from its start to its end, beside one who does.
import { SmallBuilds } from './small-builds.mjs';
import { compared, median, seconds } from './table.mjs';

const ARTIFACT = 'bench-loud';
/** What the build prints: 8 MB, as much as that of a large program. */
const LINES = 100_000;
const MANY = 8;
/** Of the time with one: the build is not to wait for those who watch it. */
const LIMIT = 1.5;

export async function measureFollowers(bench) {
  const { ctl, runs, signal, say } = bench;
  const times = { many: [], one: [] };
  say('a build that prints much, once before it is measured');
  await SmallBuilds.prepared(bench, { [ARTIFACT]: LINES }, async (builds) => {
    const followed = (count) =>
      seconds(async () => {
        const id = await builds.submit(ARTIFACT);
        const logs = await Promise.all(Array.from({ length: count }, () => ctl.text('watch', id)));
        logs.forEach(expectWhole);
      });
    for (let run = 1; run <= runs; run++) {
      signal.throwIfAborted();
      say(`a build with ${MANY} who follow its log and with one, run ${run} of ${runs}`);
      times.one.push(await followed(1));
      times.many.push(await followed(MANY));
    }
  });
  const name = `a build that prints ${LINES} lines, with ${MANY} who follow it beside one`;
  return [compared(name, median(times.many), median(times.one), 's', LIMIT)];
}

function expectWhole(log) {
  const lines = log.match(/^line \d+ of what this build prints/gm)?.length ?? 0;
  if (lines !== LINES) throw new Error(`a client got ${lines} of ${LINES} lines`);
}
