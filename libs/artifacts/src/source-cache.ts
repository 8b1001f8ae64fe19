import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { aborted, missingChecksum } from './artifacts.errors';
import { checkArtifactName, type DefinedSource } from './definition';
import type { Checksum } from './definition-checksums';
import { download, shownUrl } from './download';

export interface FetchLimits {
  /** Milliseconds for one download. */
  timeout: number;
  /** Bytes of one download. */
  maxSize: number;
}

export interface FetchOptions {
  signal?: AbortSignal;
  log?: (message: string) => void;
  /** `total` is what the server announced, `undefined` when it did not. */
  onProgress?: (received: number, total: number | undefined) => void;
}

/** One download that several callers wait for. */
interface Flight {
  readonly result: Promise<string>;
  readonly stop: AbortController;
  readonly listeners: Set<NonNullable<FetchOptions['onProgress']>>;
  waiting: number;
}

/** A download may end a moment after its time limit. */
const GRACE = 60_000;

const FOLDER = 'sources';

/** Below the folder of a cache: what is not fetched in full yet. */
export const PARTIAL_DOWNLOADS = join(FOLDER, '.partial');

/**
 * Verified upstream archives, in `<folder>/<artifact>/<first checksum, shortened>/<file name>`: the place
 * is bound to the content, so a source that changes under its URL never replaces a file in use.
 */
export class SourceCache {
  private readonly folder: string;
  private readonly partial: string;
  private readonly flights = new Map<string, Flight>();
  private cleaned: Promise<void> | undefined;

  constructor(
    folder: string,
    private readonly limits: FetchLimits,
  ) {
    this.partial = resolve(folder, PARTIAL_DOWNLOADS);
    this.folder = resolve(folder, FOLDER);
  }

  /**
   * Brings a source into the cache unless it is there; what is there is verified again.
   *
   * @returns absolute path of the archive
   * @throws FatbuildrError `ARTIFACT.NO_CHECKSUM`, `SOURCE.UNREACHABLE`, `SOURCE.REFUSED_URL`,
   *   `SOURCE.HTTP_STATUS`, `SOURCE.TOO_LARGE`, `SOURCE.TIMEOUT`, `SOURCE.CHECKSUM`, `ARTIFACT.ABORTED`
   */
  async fetch(
    { artifact, source }: { artifact: string; source: DefinedSource },
    { signal, log, onProgress }: FetchOptions = {},
  ): Promise<string> {
    checkArtifactName(artifact);
    const [checksum] = source.checksums;
    if (checksum === undefined) throw missingChecksum(artifact, source.id, source.version, []);
    const path = this.pathOf(artifact, source, checksum);
    if (signal?.aborted) throw aborted(`download of ${shownUrl(source.url)}`);

    let flight = this.flights.get(path);
    if (flight === undefined) {
      flight = this.depart(path, artifact, source, log);
      this.flights.set(path, flight);
    } else {
      log?.(`Waiting for ${shownUrl(source.url)}, which is being fetched already`);
    }
    return await this.board(flight, source, signal, onProgress);
  }

  /**
   * Downloads a source whatever the cache holds and the definition knows of it; the checksums it does know are
   * verified. It is kept where `fetch` looks for it by the checksum that is returned.
   *
   * @throws FatbuildrError as `fetch`
   */
  async learn(
    { artifact, source }: { artifact: string; source: DefinedSource },
    { signal, log, onProgress }: FetchOptions = {},
  ): Promise<Checksum> {
    checkArtifactName(artifact);
    log?.(`Fetching ${shownUrl(source.url)}`);
    return this.downloaded(artifact, source, { signal, onProgress }, async (file) => {
      const hex = await digestOf(file, 'sha256');
      const checksum: Checksum = { algorithm: 'sha256', hex };
      await place(file, this.pathOf(artifact, source, checksum));
      return checksum;
    });
  }

  private pathOf(artifact: string, { filename }: DefinedSource, { algorithm, hex }: Checksum) {
    return join(this.folder, artifact, `${algorithm}-${hex.slice(0, 32)}`, basename(filename));
  }

  private depart(
    path: string,
    artifact: string,
    source: DefinedSource,
    log: FetchOptions['log'],
  ): Flight {
    const stop = new AbortController();
    const listeners: Flight['listeners'] = new Set();
    const result = this.obtain(path, artifact, source, stop.signal, log, (received, total) => {
      for (const listener of listeners) listener(received, total);
    }).finally(() => {
      if (this.flights.get(path) === flight) this.flights.delete(path);
    });
    const flight: Flight = { result, stop, listeners, waiting: 0 };
    // Each caller gets the failure; when all have left, nobody does.
    result.catch(() => undefined);
    return flight;
  }

  /** Waits for a download; it is stopped when the last who waits gives up. */
  private async board(
    flight: Flight,
    source: DefinedSource,
    signal: AbortSignal | undefined,
    onProgress: FetchOptions['onProgress'],
  ): Promise<string> {
    flight.waiting++;
    if (onProgress) flight.listeners.add(onProgress);
    let leave: (() => void) | undefined;
    const left = new Promise<never>((_resolve, reject) => {
      leave = () => reject(aborted(`download of ${shownUrl(source.url)}`));
      signal?.addEventListener('abort', leave, { once: true });
    });
    try {
      return await Promise.race([flight.result, left]);
    } finally {
      if (leave) signal?.removeEventListener('abort', leave);
      if (onProgress) flight.listeners.delete(onProgress);
      if (--flight.waiting === 0) {
        for (const [path, other] of this.flights) if (other === flight) this.flights.delete(path);
        flight.stop.abort();
      }
    }
  }

  private async obtain(
    path: string,
    artifact: string,
    source: DefinedSource,
    signal: AbortSignal,
    log: FetchOptions['log'],
    onProgress: NonNullable<FetchOptions['onProgress']>,
  ): Promise<string> {
    const url = shownUrl(source.url);
    if (await this.isCached(path)) {
      if (await matches(path, source.checksums)) {
        log?.(`Using ${source.filename} from the cache`);
        return path;
      }
      log?.(`The cached ${source.filename} is damaged and is fetched again`);
      await rm(path, { force: true });
    }
    log?.(`Fetching ${url}`);
    await this.downloaded(artifact, source, { signal, onProgress }, (file) => place(file, path));
    return path;
  }

  /** @param use is given the verified file, which is removed afterwards */
  private async downloaded<T>(
    artifact: string,
    { id, url, checksums }: DefinedSource,
    { signal = new AbortController().signal, onProgress }: FetchOptions,
    use: (file: string) => Promise<T>,
  ): Promise<T> {
    const { partial } = this;
    await mkdir(partial, { recursive: true, mode: 0o700 });
    this.cleaned ??= removeOlder(partial, this.limits.timeout + GRACE);
    await this.cleaned;
    const file = join(partial, randomUUID());
    try {
      const request = { ...this.limits, artifact, source: id, url, file, checksums };
      await download({ ...request, signal, onProgress });
      return await use(file);
    } finally {
      await rm(file, { force: true });
    }
  }

  private async isCached(path: string): Promise<boolean> {
    const stats = await stat(path).catch(() => undefined);
    return stats?.isFile() ?? false;
  }
}

async function place(file: string, path: string): Promise<void> {
  await chmod(file, 0o644);
  await mkdir(dirname(path), { recursive: true });
  await rename(file, path);
}

async function matches(path: string, checksums: readonly Checksum[]): Promise<boolean> {
  for (const { algorithm, hex } of checksums) {
    if ((await digestOf(path, algorithm)) !== hex) return false;
  }
  return true;
}

async function digestOf(path: string, algorithm: Checksum['algorithm']): Promise<string> {
  const hash = createHash(algorithm);
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** Removes what a crash left: a running download is never older than its time limit. */
async function removeOlder(folder: string, age: number): Promise<void> {
  const limit = Date.now() - age;
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const stats = await stat(path).catch(() => undefined);
    if (stats !== undefined && stats.mtimeMs < limit) await rm(path, { force: true });
  }
}
