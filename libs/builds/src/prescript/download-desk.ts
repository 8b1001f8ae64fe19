import { createHash } from 'node:crypto';
import { createReadStream, watch } from 'node:fs';
import { chmod, mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { download, readInside, type PrescriptLock } from '@fatbuildr/artifacts';
import type { Configuration } from '@fatbuildr/config';
import { FatbuildrError } from '@fatbuildr/errors';
import type { TaskContext } from '@fatbuildr/tasks';
import writeFileAtomic from 'write-file-atomic';
import { changedMeanwhile, drifted, notLocked, tooManyDownloads } from './prescript.errors';

/** Bytes; longer URLs are none. */
const MAX_REQUEST = 8192;
const MAX_DOWNLOADS = 10_000;

export interface DeskOptions {
  artifact: string;
  context: TaskContext;
  limits: Configuration['sources'];
  /** Folder that the prescript writes its requests to, `<id>`. */
  asked: string;
  /** Folder that it sees and cannot change: it gets `answers/<id>`, empty or a reason, and `fetched/<id>`. */
  given: string;
  /** What may be fetched; `undefined`: everything. */
  lock: PrescriptLock | undefined;
}

/**
 * Fetches what a prescript asks for by `DL`. It is done here and not by the prescript, so that what is written
 * down of it is true.
 */
export class DownloadDesk {
  private readonly seen = new Set<string>();
  private readonly digests = new Map<string, string>();
  private bytes = 0;

  constructor(private readonly options: DeskOptions) {}

  /** What was fetched. */
  get fetched(): PrescriptLock {
    return this.digests;
  }

  /**
   * Serves while the work goes on.
   *
   * @param work its signal ends it when something was fetched that may not be
   * @throws FatbuildrError `BUILDS.NOT_LOCKED`, `BUILDS.LOCK_DRIFT`, `BUILDS.UNSTABLE_DOWNLOAD`,
   *   `BUILDS.PRESCRIPT_DOWNLOADS`
   */
  async during(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { asked, given, context } = this.options;
    for (const name of ['answers', 'fetched']) await mkdir(join(given, name));
    const stopping = new AbortController();
    const signal = AbortSignal.any([context.signal, stopping.signal]);
    const stop = (reason: unknown) => stopping.abort(reason);
    let serving = Promise.resolve();
    let isDue = false;
    const serve = () => {
      if (isDue) return;
      isDue = true;
      serving = serving
        .then(() => {
          isDue = false;
          return this.serve(signal);
        })
        .catch(stop);
    };
    const watcher = watch(asked).on('change', serve).on('error', stop);
    try {
      await work(signal);
    } finally {
      watcher.close();
      // What it does not wait for it cannot use.
      stop(undefined);
      await serving;
    }
  }

  private async serve(signal: AbortSignal): Promise<void> {
    const { asked, given } = this.options;
    for (const id of await readdir(asked)) {
      if (!/^\d+-\d+$/.test(id) || this.seen.has(id)) continue;
      signal.throwIfAborted();
      this.seen.add(id);
      if (this.seen.size > MAX_DOWNLOADS) throw tooManyDownloads(MAX_DOWNLOADS);
      const url = (await readInside(asked, id, MAX_REQUEST))?.toString('utf8') ?? '';
      const refusal = await this.fetch(url, join(given, 'fetched', id), signal);
      await writeFileAtomic(join(given, 'answers', id), refusal, { mode: 0o644, fsync: false });
    }
  }

  /** @returns why it cannot be had, empty when it is there */
  private async fetch(text: string, file: string, signal: AbortSignal): Promise<string> {
    const { artifact, context, limits, lock } = this.options;
    if (!URL.canParse(text)) return `"${text}" is no URL`;
    const url = withoutSecrets(text);
    const maxSize = Math.min(limits.maxSize, limits.maxUnpacked - this.bytes);
    try {
      const subject = { artifact, source: 'of the prescript', url: text };
      const { timeout } = limits;
      await download({ ...subject, file, checksums: [], maxSize, timeout, signal });
    } catch (fault) {
      if (signal.aborted || !(fault instanceof FatbuildrError)) throw fault;
      return fault.message;
    }
    await chmod(file, 0o644);
    const { size } = await stat(file);
    const hash = createHash('sha256');
    await pipeline(createReadStream(file), hash);
    const digest = hash.digest('hex');
    this.bytes += size;
    context.journal.log('info', `Fetched ${url}: ${size} bytes, sha256 ${digest}`);
    const locked = lock?.get(url);
    if (lock && locked === undefined) throw notLocked(url, digest);
    if (locked !== undefined && locked !== digest) throw drifted(url, locked, digest);
    if ((this.digests.get(url) ?? digest) !== digest) throw changedMeanwhile(url);
    this.digests.set(url, digest);
    return '';
  }
}

/** A URL as it is written down: in its one spelling, and without user and password. */
function withoutSecrets(text: string): string {
  const url = new URL(text);
  return Object.assign(url, { username: '', password: '', hash: '' }).href;
}
