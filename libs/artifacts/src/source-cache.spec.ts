import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { DefinedSource } from './definition';
import { SourceCache } from './source-cache';

const CONTENT = gzipSync('the archive');
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

describe('SourceCache', () => {
  let folder: string;
  let server: Server;
  let address: string;
  let handler: RequestListener;
  let requests: string[];
  let cache: SourceCache;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cache-'));
    requests = [];
    handler = (_request, response) => response.end(CONTENT);
    server = createServer((request, response) => {
      requests.push(request.url!);
      handler(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    cache = new SourceCache(folder, { timeout: 20_000, maxSize: 100_000 });
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await rm(folder, { recursive: true });
  });

  const source = (change: Partial<DefinedSource> = {}): DefinedSource => ({
    id: 'hello',
    version: '1.0',
    url: `http://${address}/hello-1.0.tar.gz`,
    filename: 'hello-1.0.tar.gz',
    checksums: [{ algorithm: 'sha256', hex: sha256(CONTENT) }],
    ...change,
  });
  const fetch = (change: Partial<DefinedSource> = {}, options = {}) =>
    cache.fetch({ artifact: 'hello', source: source(change) }, options);
  const files = async () =>
    (await readdir(folder, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => entry.name);

  it('downloads once, keeps the file name and reports progress', async () => {
    const progress: unknown[] = [];
    const path = await fetch({}, { onProgress: (...at: unknown[]) => progress.push(at) });
    expect(path.endsWith('/hello-1.0.tar.gz')).toBe(true);
    expect(await readFile(path)).toEqual(CONTENT);
    expect(progress.at(-1)).toEqual([CONTENT.length, CONTENT.length]);
    expect(await fetch()).toBe(path);
    expect(requests).toHaveLength(1);
    expect(await files()).toEqual(['hello-1.0.tar.gz']);
  });

  it('fetches a damaged cached file again', async () => {
    const path = await fetch();
    await writeFile(path, 'damaged');
    expect(await readFile(await fetch())).toEqual(CONTENT);
    expect(requests).toHaveLength(2);
  });

  it('keeps the bytes as they are when the server labels them compressed', async () => {
    handler = (_request, response) => {
      response.setHeader('content-encoding', 'gzip').end(CONTENT);
    };
    expect(await readFile(await fetch())).toEqual(CONTENT);
  });

  it('leaves nothing behind when the checksum is wrong', async () => {
    const expected = 'b'.repeat(64);
    await expect(
      fetch({ checksums: [{ algorithm: 'sha256', hex: expected }] }),
    ).rejects.toMatchObject({
      code: 'SOURCE.CHECKSUM',
      message: `source hello of artifact hello, http://${address}/hello-1.0.tar.gz: wrong sha256, expected ${expected}, got ${sha256(CONTENT)}`,
    });
    expect(await files()).toEqual([]);
  });

  it('checks every declared checksum', async () => {
    const checksums = [
      ...source().checksums,
      { algorithm: 'sha512' as const, hex: 'c'.repeat(128) },
    ];
    await expect(fetch({ checksums })).rejects.toThrow('wrong sha512');
  });

  it('does not cache a 404', async () => {
    const good = handler;
    handler = (_request, response) => response.writeHead(404).end('no such page');
    await expect(fetch()).rejects.toMatchObject({
      code: 'SOURCE.HTTP_STATUS',
      message: expect.stringContaining('the server answered 404 Not Found') as string,
    });
    expect(await files()).toEqual([]);
    handler = good;
    expect(await readFile(await fetch())).toEqual(CONTENT);
  });

  it('stops an endless source at the cap, announced or not', async () => {
    handler = (_request, response) => {
      const more = () => {
        while (response.write(Buffer.alloc(16_384)));
      };
      response.on('drain', more);
      more();
    };
    await expect(fetch()).rejects.toMatchObject({
      code: 'SOURCE.TOO_LARGE',
      message: expect.stringContaining('holds more than 100000 bytes') as string,
    });
    handler = (_request, response) => {
      response.writeHead(200, { 'content-length': '100001' }).write('x');
    };
    await expect(fetch()).rejects.toMatchObject({ code: 'SOURCE.TOO_LARGE' });
    expect(await files()).toEqual([]);
  });

  it('names a source that cannot be reached or breaks off', async () => {
    handler = (_request, response) => {
      response.writeHead(200, { 'content-length': '1000' }).write('x', () => response.destroy());
    };
    await expect(fetch()).rejects.toMatchObject({ code: 'SOURCE.UNREACHABLE' });
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    await expect(fetch({ url: `http://127.0.0.1:${port}/a.tar.gz` })).rejects.toMatchObject({
      code: 'SOURCE.UNREACHABLE',
      message: expect.stringMatching(
        /^source hello of artifact hello, http:.*: cannot be reached: .*ECONNREFUSED/,
      ) as string,
    });
    expect(await files()).toEqual([]);
  });

  it('gives up at the time limit', async () => {
    handler = (_request, response) => response.write('x');
    cache = new SourceCache(folder, { timeout: 300, maxSize: 100_000 });
    await expect(fetch()).rejects.toMatchObject({
      code: 'SOURCE.TIMEOUT',
      message: expect.stringContaining('took longer than 0.3 s') as string,
    });
    expect(await files()).toEqual([]);
  });

  it('follows five redirects and no more', async () => {
    handler = ({ url }, response) => {
      const left = Number(url!.slice(1));
      if (left === 0) response.end(CONTENT);
      else response.writeHead(302, { location: `/${left - 1}` }).end();
    };
    expect(await readFile(await fetch({ url: `http://${address}/5` }))).toEqual(CONTENT);
    await rm(join(folder, 'sources'), { recursive: true });
    await expect(fetch({ url: `http://${address}/6` })).rejects.toThrow('more than 5 redirects');
  });

  it.each(['file:///etc/passwd', 'ftp://example.org/a', 'data:,x'])(
    'refuses %s, as redirect too',
    async (url) => {
      await expect(fetch({ url })).rejects.toThrow('only http and https are fetched');
      handler = (_request, response) => response.writeHead(301, { location: url }).end();
      await expect(fetch()).rejects.toMatchObject({ code: 'SOURCE.REFUSED_URL' });
    },
  );

  it('shows no credentials', async () => {
    const messages: string[] = [];
    handler = (_request, response) => response.writeHead(403).end();
    const url = `http://user:pass%20word@${address}/a.tar.gz?token=secret`;
    const fault = await fetch({ url }, { log: (text: string) => messages.push(text) }).catch(
      (thrown: unknown) => thrown,
    );
    const shown = JSON.stringify([messages, (fault as Error).message, fault]);
    expect(shown).toContain('403');
    expect(shown).not.toMatch(/pass|user:|secret/);
  });

  it('refuses a source without checksum before asking for it', async () => {
    await expect(fetch({ checksums: [] })).rejects.toMatchObject({ code: 'ARTIFACT.NO_CHECKSUM' });
    expect(requests).toEqual([]);
  });

  it('shares a download between those who want it', async () => {
    let release: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => {
      handler = (_request, response) => {
        release = () => response.end(CONTENT);
        resolve();
      };
    });
    const leaving = new AbortController();
    const first = fetch({}, { signal: leaving.signal });
    const second = fetch();
    await asked;
    leaving.abort();
    await expect(first).rejects.toMatchObject({ code: 'ARTIFACT.ABORTED' });
    release();
    expect(await readFile(await second)).toEqual(CONTENT);
    expect(requests).toHaveLength(1);
  });

  it('stops the download when the last who wants it leaves', async () => {
    const leaving = new AbortController();
    const closed = new Promise<void>((resolve) => {
      handler = (_request, response) => {
        response.on('close', resolve).write('x');
        leaving.abort();
      };
    });
    await expect(fetch({}, { signal: leaving.signal })).rejects.toMatchObject({
      code: 'ARTIFACT.ABORTED',
    });
    await closed;
    handler = (_request, response) => response.end(CONTENT);
    expect(await readFile(await fetch())).toEqual(CONTENT);
  });

  it('removes what a crash left, not what is being fetched', async () => {
    const partial = join(folder, 'sources/.partial');
    await mkdir(partial, { recursive: true });
    await writeFile(join(partial, 'old'), 'x');
    await writeFile(join(partial, 'young'), 'x');
    await utimes(join(partial, 'old'), new Date(0), new Date(0));
    await fetch();
    expect(await readdir(partial)).toEqual(['young']);
    expect((await stat(partial)).isDirectory()).toBe(true);
  });
});
