// The daemon on the home that `prepare` of main.mjs made.
import { join } from 'node:path';
import { Daemon } from '../scripts/home/daemon.mjs';

/** Runs a daemon while `work` lasts. */
export async function withDaemon({ root, home, signal }, work) {
  const daemon = await Daemon.start({ root, home, log: join(home, 'bench.log'), signal });
  try {
    return await work(daemon);
  } finally {
    await daemon.stop();
  }
}
