// What a user waits for before anything happens: programs and daemon coming up.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execute } from '../scripts/home/commands.mjs';
import { Daemon } from '../scripts/home/daemon.mjs';
import { alone, compared, median, residentMegabytes, seconds } from './table.mjs';

/** Starts of the short programs: one is over in tens of milliseconds and varies as much. */
const SHORT_RUNS = 15;
/** Milliseconds after which the daemon is at rest. */
const REST = 5000;

export async function measureStarts({ root, home, runs, signal, say }) {
  const ctl = join(root, 'bin/fatbuildrctl');
  const empty = join(home, 'empty.js');
  await writeFile(empty, '');
  const timed = (...argv) => seconds(() => execute(argv, { signal, capture: true }));

  say('fatbuildrctl --version beside an empty Node process');
  const version = { ours: [], peer: [] };
  for (let run = 0; run < SHORT_RUNS; run++) {
    version.peer.push(await timed(process.execPath, empty));
    version.ours.push(await timed(ctl, '--version'));
  }

  say('start of the daemon');
  const ready = [];
  const memory = [];
  const list = [];
  for (let run = 0; run < runs; run++) {
    let daemon;
    ready.push(
      await seconds(async () => {
        daemon = await Daemon.start({ root, home, log: join(home, 'bench.log'), signal });
      }),
    );
    try {
      await sleep(REST, undefined, { signal });
      memory.push(await residentMegabytes(daemon.pid));
      for (let call = 0; call < SHORT_RUNS / 3; call++) {
        list.push(await timed(ctl, '--home', home, 'list'));
      }
    } finally {
      await daemon.stop();
    }
  }
  return [
    compared(
      'fatbuildrctl --version, beside an empty Node process',
      median(version.ours),
      median(version.peer),
      's',
      2.5,
    ),
    alone('fatbuildrctl list', median(list), 's', 0.25),
    alone('daemon: from start to ready on the bus', median(ready), 's', 1),
    alone('daemon: memory at rest', median(memory), 'MB', 150),
  ];
}
