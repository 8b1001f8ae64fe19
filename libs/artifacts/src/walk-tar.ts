import { createReadStream } from 'node:fs';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { run } from '@fatbuildr/processes';
import type { Header } from 'tar-stream';
import type { UnpackLimits } from './tree-writer';

/** Where a tar archive lies: a whole file, or a part of one. */
export interface TarLocation {
  path: string;
  offset?: number;
  size?: number;
  /** Name whose ending tells the compression: `control.tar.xz`. */
  name: string;
}

/** What a decompressor may take; the highest preset of xz needs 65 MiB. */
const MEMORY = '512MiB';

/** Programs of the system that decompress what Node 20 cannot. */
const PROGRAMS: Readonly<Record<string, readonly [string, ...string[]]>> = {
  xz: ['xz', '-dc', `--memlimit-decompress=${MEMORY}`],
  lzma: ['xz', '-dc', '--format=lzma', `--memlimit-decompress=${MEMORY}`],
  zst: ['zstd', '-dcq', `--memory=${MEMORY}`],
  bz2: ['bzip2', '-dc'],
};

/** Milliseconds one archive may take to decompress. */
const TIMEOUT = 15 * 60 * 1000;

/**
 * Walks the entries of a compressed tar archive without unpacking it to disk.
 *
 * @param visit gets each entry; returning `true` reads the entry's data, then given to `read`
 * @throws Error saying what is wrong with the archive
 */
export async function walkTar(
  location: TarLocation,
  limits: UnpackLimits,
  visit: (header: Header) => boolean,
  read: (header: Header, data: Buffer) => void,
): Promise<void> {
  const limiter = limitBytes(limits.maxUnpacked);
  const { extract } = await import('tar-stream');
  const entries = extract();
  let count = 0;
  entries.on('entry', (header, stream, next) => {
    // Before anything can fail: an error nobody listens to would end the process.
    stream.on('error', next);
    if (++count > limits.maxEntries) {
      next(new Error(`${location.name} has more than ${limits.maxEntries} entries`));
      return;
    }
    const chunks: Buffer[] = [];
    if (visit(header)) stream.on('data', (chunk) => chunks.push(chunk as Buffer));
    else stream.resume();
    stream.on('end', () => {
      if (chunks.length > 0) read(header, Buffer.concat(chunks));
      next();
    });
  });
  const walked = pipeline(limiter, entries);
  const outcomes = await Promise.allSettled([walked, decompress(location, limiter)]);
  // The archive's own fault comes first: it is what made the other side stop.
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}

async function decompress(location: TarLocation, target: Transform): Promise<void> {
  try {
    const source = openPart(location);
    const suffix = location.name.slice(location.name.lastIndexOf('.') + 1);
    if (suffix === 'tar') return await pipeline(source, target);
    if (suffix === 'gz') return await pipeline(source, createGunzip(), target);
    const program = PROGRAMS[suffix];
    if (program === undefined) throw new Error(`${location.name}: unknown compression`);
    await run(program, { stdin: source, stdout: target, timeout: TIMEOUT });
  } catch (fault) {
    target.destroy(fault as Error);
    throw fault;
  }
}

function openPart({ path, offset = 0, size }: TarLocation): Readable {
  // An empty part cannot be asked for by an inclusive end.
  const end = size === undefined ? undefined : Math.max(offset + size - 1, offset);
  return createReadStream(path, { start: offset, end });
}

function limitBytes(most: number): Transform {
  let passed = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      passed += chunk.length;
      if (passed > most) done(new Error(`unpacks to more than ${most} bytes`));
      else done(null, chunk);
    },
  });
}
