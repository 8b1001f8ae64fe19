// Requests as fast as a server answers them, by wrk, which takes much less of the machine than the server.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execute } from '../scripts/home/commands.mjs';

const SCRIPT = join(dirname(fileURLToPath(import.meta.url)), 'load.lua');
/** Clients, each of which asks again as soon as it has its answer. */
const CLIENTS = 32;

/**
 * @param {string} url
 * @param {{ duration: number, signal: AbortSignal }} options seconds
 * @returns {Promise<{ each: number, p99: number }>} milliseconds per answer, and that 99 of 100 wait at most
 */
export async function load(url, { duration, signal }) {
  const { stdout } = await execute(
    ['wrk', '-t', '1', '-c', `${CLIENTS}`, '-d', `${duration}s`, '-s', SCRIPT, url],
    { signal, capture: true },
  );
  const measured = JSON.parse(stdout.trim().split('\n').at(-1));
  if (measured.failed > 0 || measured.requests === 0) {
    throw new Error(`${measured.failed} of ${measured.requests} requests of ${url} failed`);
  }
  return { each: measured.duration / measured.requests / 1000, p99: measured.p99 / 1000 };
}
