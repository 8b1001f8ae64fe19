// Puts GNU hello's archive where the daemon looks before it downloads: its cache of sources. The definition
// names upstream's server; this machine may reach nothing but its package mirror.
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { HELLO_SHA256, obtainHelloArchive } from './hello-archive.mjs';

/** As `SourceCache` of libs/artifacts lays it out: artifact, checksum shortened, name in the URL. */
const PLACE = join(
  'cache/sources/hello',
  `sha256-${HELLO_SHA256.slice(0, 32)}`,
  'hello-2.10.tar.gz',
);

/**
 * @param {{ home: string, codename: string, signal?: AbortSignal }} options
 * @returns {Promise<'kept' | 'fetched'>}
 */
export async function placeHelloSource({ home, codename, signal }) {
  const target = join(home, PLACE);
  await mkdir(dirname(target), { recursive: true, mode: 0o700 });
  return obtainHelloArchive(target, { codename, scratch: join(home, 'cache/apt-lists'), signal });
}
