// A home whose registry is filled with rows, and a client of its daemon.
import { mkdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { CommandLine, Daemon } from '../scripts/home/daemon.mjs';
import { createKey, writeInstance } from '../scripts/home/instance.mjs';
import { fillRegistry } from './filled-registry.mjs';

export const PLACE = { format: 'deb', distribution: 'bench', derivative: 'main' };
const INSTANCE = 'default';

/** A new home under `folder`, which is emptied first, with a key. No daemon runs. */
export async function newHome({ root, folder, signal }) {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const { distribution } = PLACE;
  await writeInstance({ home: folder, name: 'Bench', codename: distribution, tag: distribution });
  await withDaemon({ root, folder, signal }, () =>
    createKey(new CommandLine({ root, home: folder, signal })),
  );
}

/** @param work gets a client of the daemon, and the daemon */
export async function withDaemon({ root, folder, signal }, work) {
  const require = createRequire(join(root, 'dist/libs/'));
  const { DbusClient } = require('./protocol-dbus/src');
  const daemon = await Daemon.start({ root, home: folder, log: join(folder, 'bench.log'), signal });
  try {
    const client = await DbusClient.connect({ kind: 'home', home: folder }, INSTANCE);
    try {
      return await work(client, daemon);
    } finally {
      await client.close();
    }
  } finally {
    await daemon.stop();
  }
}

/** Adds packages to the registry of a home, whether its daemon runs or not. */
export async function fillHome({ root, folder, size }) {
  const require = createRequire(join(root, 'dist/libs/'));
  const { Database } = require('./database/src');
  const { REGISTRIES_ENTITIES, REGISTRIES_MIGRATIONS } = require('./registries/src');
  const contents = { entities: REGISTRIES_ENTITIES, migrations: REGISTRIES_MIGRATIONS };
  const configuration = { dirs: { state: join(folder, 'state') }, database: { url: undefined } };
  const database = await Database.open(configuration, contents);
  try {
    await fillRegistry(database, { instance: INSTANCE, ...PLACE }, size);
  } finally {
    await database.onApplicationShutdown();
  }
}
