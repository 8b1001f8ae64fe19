// Listing and search as a client of the daemon gets them: the whole way from its call to the objects.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fillHome, newHome, PLACE, withDaemon } from './listing-home.mjs';
import { alone, median, seconds } from './table.mjs';

const SIZE = 10_000;
const RUNS = 15;
/** Seconds. */
const LISTING = 0.15;
/** Seconds that another call may take while a listing is made. */
const MEANWHILE = 0.15;

export async function measureListings({ root, home, signal, say }) {
  const folder = join(home, 'listing-bench');
  await newHome({ root, folder, signal });
  await fillHome({ root, folder, size: SIZE });
  const times = { list: [], search: [], meanwhile: [] };
  await withDaemon({ root, folder, signal }, async (client) => {
    say(`listing and search of ${SIZE} artifacts over D-Bus`);
    for (let run = 0; run < RUNS; run++) {
      signal.throwIfAborted();
      times.list.push(await seconds(async () => expect(await client.artifacts(PLACE))));
      times.search.push(await seconds(async () => expect(await client.search(''))));
    }
    for (let run = 0; run < RUNS; run++) {
      signal.throwIfAborted();
      const listing = client.artifacts(PLACE);
      times.meanwhile.push(await seconds(() => client.pipelinesFormats()));
      await listing;
    }
  });
  await rm(folder, { recursive: true });
  return [
    alone(`listing ${SIZE} artifacts over D-Bus`, median(times.list), 's', LISTING),
    alone(`a search that finds ${SIZE} artifacts, over D-Bus`, median(times.search), 's', LISTING),
    alone('another call while such a listing is made', median(times.meanwhile), 's', MEANWHILE),
  ];
}

function expect(found) {
  if (found.length !== SIZE) throw new Error(`${found.length} artifacts instead of ${SIZE}`);
}
