import { mkdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { run } from '@fatbuildr/processes';
import { WebHost } from './support/web-host';

const web = new WebHost();
const INDEX = '/default/deb/dists/bookworm/InRelease';
const PACKAGE = '/default/deb/pool/main/h/hello/hello_1.0-1_amd64.deb';
const COMPRESSED = '/default/deb/dists/bookworm/main/binary-amd64/Packages.gz';
const packed = gzipSync('Package: hello\n');

beforeAll(async () => {
  // Nothing here needs a queue: there is none.
  await web.start();
  await web.publish(INDEX, 'Origin: ACME\n');
  await web.publish(PACKAGE, Buffer.from('0123456789'));
  await web.publish(COMPRESSED, packed);
  await web.publish('/default/deb/dists/bookworm/.hidden.next', 'secret');
  await web.publish('/other/deb/file', 'secret');
  await writeFile(join(web.home, 'secret'), 'secret');
  const folder = join(web.home, 'registry/default/deb');
  await symlink('../../../secret', join(folder, 'link'));
  await symlink('../..', join(folder, 'up'));
  await symlink('pool', join(folder, 'inside'));
  await mkdir(join(folder, 'a <b> & "c"'));
  await run(['mkfifo', join(folder, 'pipe')]);
}, 60_000);

afterAll(async () => {
  await web.stop();
  await web.tasks.remove();
});

describe('files of registries', () => {
  it('are sent as they are, to be asked for again each time when they change', async () => {
    const { status, headers, body } = await web.ask(INDEX);
    expect([status, body]).toEqual([200, 'Origin: ACME\n']);
    expect(headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'content-length': '13',
      'cache-control': 'no-cache',
      'accept-ranges': 'bytes',
      'x-content-type-options': 'nosniff',
    });
    expect(headers.etag).toMatch(/"/);
    expect(Date.parse(headers['last-modified']!)).toBeGreaterThan(0);
  });

  it('are kept for a year when they never change', async () => {
    const { headers } = await web.ask(PACKAGE);
    expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(headers['content-type']).toBe('application/vnd.debian.binary-package');
    const byHash = '/default/deb/dists/bookworm/main/by-hash/SHA256/00';
    await web.publish(byHash, 'x');
    expect((await web.ask(byHash)).headers['cache-control']).toContain('immutable');
  });

  it('never get an encoding', async () => {
    const { headers, bytes } = await web.ask(COMPRESSED, {
      headers: { 'accept-encoding': 'gzip, br' },
    });
    expect(headers['content-encoding']).toBeUndefined();
    expect(headers['content-type']).toBe('application/gzip');
    expect(bytes.equals(packed)).toBe(true);
  });

  it('are sent in part, as long as they are the same', async () => {
    const range = { range: 'bytes=2-4' };
    const { status, headers, body } = await web.ask(PACKAGE, { headers: range });
    expect([status, body, headers['content-range']]).toEqual([206, '234', 'bytes 2-4/10']);
    expect((await web.ask(PACKAGE, { headers: { range: 'bytes=-3' } })).body).toBe('789');
    const old = { ...range, 'if-range': 'Thu, 01 Jan 2015 00:00:00 GMT' };
    expect((await web.ask(PACKAGE, { headers: old })).status).toBe(200);
    const beyond = await web.ask(PACKAGE, { headers: { range: 'bytes=20-' } });
    expect([beyond.status, beyond.headers['content-range']]).toEqual([416, 'bytes */10']);
  });

  it('are not sent again to whom has them', async () => {
    const { headers } = await web.ask(INDEX);
    for (const condition of [
      { 'if-none-match': headers.etag },
      { 'if-modified-since': headers['last-modified'] },
    ]) {
      const again = await web.ask(INDEX, { headers: condition });
      expect([again.status, again.body]).toEqual([304, '']);
    }
    await utimes(join(web.home, 'registry', INDEX), new Date(), new Date(Date.now() + 5000));
    const changed = await web.ask(INDEX, { headers: { 'if-none-match': headers.etag } });
    expect(changed.status).toBe(200);
  });

  it('tell their size without being sent', async () => {
    const { status, headers, body } = await web.ask(PACKAGE, { method: 'HEAD' });
    expect([status, headers['content-length'], body]).toEqual([200, '10', '']);
  });

  it.each([
    '/default/deb/../../secret',
    '/default/../secret',
    '/default/deb/%2e%2e/%2e%2e/secret',
    '/default/deb/..%2f..%2fsecret',
    '/default/%2e%2e%2fother/deb/file',
    '/default/../other/deb/file',
    '/default//etc/passwd',
    '/default/%2fetc/passwd',
    '/default/deb/..%5c..%5csecret',
    '/default/deb/file%00.deb',
    '/default/deb/link',
    '/default/deb/up/other/deb/file',
    '/default/deb/pipe',
    '/default/deb/dists/bookworm/.hidden.next',
    `/default/deb/${'a'.repeat(300)}`,
    '/default/deb/dists/bookworm/InRelease/',
    '/default/deb/dists/bookworm/InRelease/more',
  ])('lead nowhere else: %s', async (path) => {
    const { status, body } = await web.ask(path);
    expect([status, body]).toEqual([404, expect.stringMatching(/^\{"error":/)]);
  });

  it('may be links inside the registry', async () => {
    const { status, body } = await web.ask(
      '/default/deb/inside/main/h/hello/hello_1.0-1_amd64.deb',
    );
    expect([status, body]).toEqual([200, '0123456789']);
  });

  it('are listed, with names that mean nothing to a browser', async () => {
    const { status, headers, body } = await web.ask('/default/deb/');
    expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(body).toContain('<a href="pool/">pool/</a>');
    expect(body).toContain('>a &lt;b&gt; &amp; &quot;c&quot;/</a>');
    expect(body).not.toMatch(/pipe|link|hidden/);
    const without = await web.ask('/default/deb/pool');
    expect([without.status, without.headers.location]).toEqual([301, './pool/']);
  });

  it('are what curl gets, resumed where it stopped', async () => {
    const target = join(web.home, 'resumed.deb');
    await writeFile(target, '01234');
    await run(['curl', '-sSf', '-C', '-', '-o', target, `${web.url}${PACKAGE}`]);
    const { stdout } = await run(['cat', target]);
    expect(stdout.toString()).toBe('0123456789');
  });
});

describe('a server without listing', () => {
  const bare = new WebHost();

  beforeAll(() => bare.start({ FATBUILDR_WEB_LISTING: 'no', FATBUILDR_WEB_INSTANCE: 'default' }));

  afterAll(async () => {
    await bare.stop();
    await bare.tasks.remove();
  });

  it('lists no folder, and serves files, under paths without an instance where it has one', async () => {
    await bare.publish('/default/deb/dists/x', 'y');
    expect((await bare.ask('/deb/dists/')).status).toBe(404);
    expect((await bare.ask('/deb/dists/x')).body).toBe('y');
    expect(JSON.parse((await bare.ask('/instance.json')).body)).toMatchObject({ id: 'default' });
    expect((await bare.ask('/registry/deb.json')).body).toBe('["bookworm","trixie"]');
    expect((await bare.ask('/default/instance.json')).status).toBe(404);
  });
});
