// What the web server answers beside Fastify alone, under the same load.
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { load } from './load.mjs';
import { PLACE } from './listing-home.mjs';
import { Served } from './served.mjs';
import { compared, median, seconds } from './table.mjs';

/** Artifacts of the listing. */
export const LISTED = 10_000;
/** Bytes. */
const FILE_SIZE = 1024 * 1024;
const FILE = 'pool/main/b/bench/bench_1-1_amd64.deb';
/** Seconds of one load, and of the one before the first, which is not counted. */
const DURATION = 3;
const WARM_UP = 1;
/** At least half as many requests in a second. */
const TIMES = 2;
/** Of the time of the first listing: one that has not changed is not made again. */
const AGAIN = 0.5;

const BARE = join(dirname(fileURLToPath(import.meta.url)), 'bare-server.mjs');

export async function measureRequests({ folder, server, runs, signal, say }) {
  const { format, distribution, derivative } = PLACE;
  const listing = `/api/v1/instances/default/registries/${format}/${distribution}/${derivative}/artifacts`;
  const compatible = `/default/registry/${format}/${distribution}/${derivative}.json`;
  const again = await measureAgain(server.url + listing);
  const peers = await preparePeers(folder, {
    listing: server.url + listing,
    compatible: server.url + compatible,
  });
  const bare = await Served.start(process.execPath, [BARE, peers]);
  const routes = [
    { name: '/healthz', ours: '/healthz', theirs: '/healthz' },
    { name: `listing of ${LISTED} artifacts`, ours: listing, theirs: '/listing' },
    { name: `compatible listing of ${LISTED} artifacts`, ours: compatible, theirs: '/compatible' },
    { name: 'file of 1 MB', ours: `/default/${format}/${FILE}`, theirs: '/file' },
  ];
  try {
    const rows = [];
    for (const { name, ours, theirs } of routes) {
      const urls = [server.url + ours, bare.url + theirs];
      const measured = await inTurns(urls, { runs, signal });
      const each = measured.map((loads) => median(loads.map((one) => one.each)));
      const p99 = measured.map((loads) => median(loads.map((one) => one.p99)));
      const [rate, peer] = each.map((time) => Math.round(1000 / time));
      say(`${name}: ${rate} requests per second, bare Fastify ${peer}`);
      rows.push(
        compared(`web: ${name}, under load`, ...each, 'ms', TIMES),
        compared(`web: ${name}, under load, 99 of 100`, ...p99, 'ms'),
      );
    }
    return [...rows, again];
  } finally {
    await bare.stop();
  }
}

async function measureAgain(url) {
  let bytes;
  const ask = () => seconds(async () => (bytes = await (await fetch(url)).arrayBuffer()));
  const first = await ask();
  const { length } = JSON.parse(Buffer.from(bytes).toString());
  if (length !== LISTED) throw new Error(`${length} artifacts instead of ${LISTED}`);
  const later = [];
  for (let run = 0; run < 15; run++) later.push(await ask());
  const name = 'web: that listing once more, beside the first';
  return compared(name, median(later), first, 's', AGAIN);
}

/** The same content for both servers. @returns the folder of the bare one */
async function preparePeers(folder, listings) {
  const peers = join(folder, 'bare');
  const file = join(folder, 'registry/default', PLACE.format, FILE);
  const content = randomBytes(FILE_SIZE);
  await mkdir(peers);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
  await writeFile(join(peers, 'file'), content);
  for (const [name, url] of Object.entries(listings)) {
    const answer = await fetch(url);
    await writeFile(join(peers, `${name}.json`), Buffer.from(await answer.arrayBuffer()));
  }
  return peers;
}

/** @returns the loads of each address */
async function inTurns(urls, { runs, signal }) {
  const measured = urls.map(() => []);
  for (const url of urls) await load(url, { duration: WARM_UP, signal });
  for (let run = 0; run < runs; run++) {
    for (const [at, url] of urls.entries()) {
      measured[at].push(await load(url, { duration: DURATION, signal }));
    }
  }
  return measured;
}
