import type { IncomingMessage } from 'node:http';
import { createHash } from 'node:crypto';
import { createWriteStream, openSync } from 'node:fs';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { diskReason, FatbuildrError, messageOf, withPlace } from '@fatbuildr/errors';
import { aborted, fetchFault } from './artifacts.errors';
import type { Checksum } from './definition-checksums';

const MAX_REDIRECTS = 5;
const REDIRECTS = [301, 302, 303, 307, 308];

export interface Download {
  artifact: string;
  source: string;
  url: string;
  /** Written whether the download succeeds or not; the caller's to remove. */
  file: string;
  checksums: readonly Checksum[];
  /** Bytes. */
  maxSize: number;
  /** Milliseconds for all of it. */
  timeout: number;
  signal: AbortSignal;
  /** `total` is what the server announced, `undefined` when it did not. */
  onProgress?: (received: number, total: number | undefined) => void;
}

/**
 * Downloads one file over http or https and checks it.
 *
 * @throws FatbuildrError `SOURCE.*`, `ARTIFACT.ABORTED`
 */
export async function download(request: Download): Promise<void> {
  const clock = AbortSignal.timeout(request.timeout);
  const signal = AbortSignal.any([request.signal, clock]);
  const subject = { ...pick(request), url: shownUrl(request.url) };
  try {
    const response = await follow(request, signal);
    await receive(request, response, signal);
  } catch (fault) {
    if (request.signal.aborted) throw aborted(`download of ${subject.url}`);
    if (clock.aborted) {
      const reason = `took longer than ${request.timeout / 1000} s`;
      throw fetchFault('TIMEOUT', subject, reason, { timeout: request.timeout }, fault);
    }
    if (fault instanceof FatbuildrError) throw fault;
    if (diskReason(fault) !== undefined) throw withPlace(fault, request.file);
    throw fetchFault(
      'UNREACHABLE',
      subject,
      `cannot be reached: ${networkReason(fault)}`,
      {},
      fault,
    );
  }
}

/** A URL as it may be shown: without user, password and query, which may hold secrets. */
export function shownUrl(url: string): string {
  if (!URL.canParse(url)) return url;
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}

async function follow(request: Download, signal: AbortSignal): Promise<IncomingMessage> {
  const subject = { ...pick(request), url: shownUrl(request.url) };
  let url = checkUrl(request.url, undefined, subject);
  for (let redirects = 0; ; redirects++) {
    const response = await get(url, signal);
    const status = response.statusCode ?? 0;
    if (status === 200) return response;
    response.destroy();
    const { location } = response.headers;
    if (!REDIRECTS.includes(status) || location === undefined) {
      const from = url.href === request.url ? '' : ` at ${shownUrl(url.href)}`;
      const answer = `${status} ${response.statusMessage ?? ''}`.trim();
      throw fetchFault('HTTP_STATUS', subject, `the server answered ${answer}${from}`, { status });
    }
    if (redirects === MAX_REDIRECTS) {
      throw fetchFault('REFUSED_URL', subject, `more than ${MAX_REDIRECTS} redirects`);
    }
    url = checkUrl(location, url, subject);
  }
}

function checkUrl(
  text: string,
  base: URL | undefined,
  subject: { artifact: string; source: string; url: string },
): URL {
  if (!URL.canParse(text, base?.href)) throw fetchFault('REFUSED_URL', subject, 'is no URL');
  const url = new URL(text, base);
  const led = base === undefined ? '' : `redirects to ${shownUrl(url.href)}: `;
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    const scheme = url.protocol.slice(0, -1);
    throw fetchFault(
      'REFUSED_URL',
      subject,
      `${led}only http and https are fetched, not ${scheme}`,
    );
  }
  if (base?.protocol === 'https:' && url.protocol === 'http:') {
    throw fetchFault('REFUSED_URL', subject, `${led}leaving https is refused`);
  }
  return url;
}

/** Without `fetch`: it would decompress what the server labels as compressed, and break the checksum. */
async function get(url: URL, signal: AbortSignal): Promise<IncomingMessage> {
  const { request } =
    url.protocol === 'https:' ? await import('node:https') : await import('node:http');
  return await new Promise((resolve, reject) => {
    const headers = { 'user-agent': 'fatbuildr', accept: '*/*', 'accept-encoding': 'identity' };
    request(url, { signal, headers, agent: false }, resolve).on('error', reject).end();
  });
}

async function receive(
  request: Download,
  response: IncomingMessage,
  signal: AbortSignal,
): Promise<void> {
  const { maxSize, checksums, onProgress } = request;
  const subject = { ...pick(request), url: shownUrl(request.url) };
  const tooLarge = () =>
    fetchFault('TOO_LARGE', subject, `holds more than ${maxSize} bytes`, { maxSize });
  const length = Number(response.headers['content-length'] ?? NaN);
  const total = Number.isNaN(length) ? undefined : length;
  if (total !== undefined && total > maxSize) {
    response.destroy();
    throw tooLarge();
  }
  const hashes = checksums.map(({ algorithm }) => createHash(algorithm));
  let received = 0;
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      received += chunk.length;
      if (received > maxSize) return done(tooLarge());
      for (const hash of hashes) hash.update(chunk);
      onProgress?.(received, total);
      done(null, chunk);
    },
  });
  // Opened at once: a stream opens its file late, which could be after we have failed and tidied up.
  const file = createWriteStream(request.file, { fd: openSync(request.file, 'wx', 0o600) });
  await pipeline(response, meter, file, { signal });
  checksums.forEach(({ algorithm, hex: expected }, i) => {
    const got = hashes[i]!.digest('hex');
    if (got !== expected) {
      const reason = `wrong ${algorithm}, expected ${expected}, got ${got}`;
      throw fetchFault('CHECKSUM', subject, reason, { algorithm, expected, got });
    }
  });
}

function pick({ artifact, source }: Download): { artifact: string; source: string } {
  return { artifact, source };
}

/** Several addresses of one host fail together, with an empty message. */
function networkReason(fault: unknown): string {
  const first = fault instanceof AggregateError ? (fault.errors[0] as unknown) : fault;
  return messageOf(first) || (first as NodeJS.ErrnoException).code || 'no reason given';
}
