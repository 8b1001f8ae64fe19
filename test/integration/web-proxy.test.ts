import { once } from 'node:events';
import { request, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { HttpClient } from '@fatbuildr/protocol-http';
import { WebSocket } from 'ws';
import { ReverseProxy, type ProxyKind } from './support/reverse-proxy';
import { WebHost } from './support/web-host';

jest.setTimeout(60_000);

const PREFIX = '/packages';
const web = new WebHost();
const { tasks } = web;
let token: string;

beforeAll(async () => {
  await tasks.start();
  await web.start({
    FATBUILDR_WEB_PREFIX: PREFIX,
    FATBUILDR_WEB_TRUSTED_PROXIES: '127.0.0.1',
  });
  token = await web.token('root');
  await tasks.startWorkers();
}, 120_000);

afterAll(async () => {
  await web.stop();
  await tasks.stop();
  await tasks.remove();
});

interface Asked {
  method?: string;
  headers?: OutgoingHttpHeaders;
  body?: string | Buffer;
  /** Address of the client. */
  from?: string;
}

async function open(url: string, { method = 'GET', headers, body, from }: Asked = {}) {
  const asked = request(url, { method, headers, localAddress: from ?? '127.0.0.1', agent: false });
  asked.end(body);
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  return answer;
}

async function ask(url: string, asked?: Asked) {
  const answer = await open(url, asked);
  const chunks: Buffer[] = [];
  for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
  return {
    status: answer.statusCode!,
    headers: answer.headers,
    body: String(Buffer.concat(chunks)),
  };
}

const bearer = () => ({ authorization: `Bearer ${token}` });

/** A task that runs until it is released. */
async function held(): Promise<{ id: string; release: () => void }> {
  let release!: () => void;
  const released = new Promise<void>((resolve) => (release = resolve));
  tasks.work = async ({ journal }) => {
    journal.log('info', 'at work');
    await released;
  };
  const id = await tasks.submit();
  await tasks.begun(id);
  return { id, release };
}

/** Where a page leads to, and what it loads. */
function addresses(html: string): { address: string; followed: boolean }[] {
  const found = html.matchAll(/ (href|src|action|data-socket)="([^"]*)"/g);
  return [...found].map(([, attribute = '', address = '']) => ({
    address: address.replaceAll('&amp;', '&'),
    followed: attribute === 'href' || attribute === 'src',
  }));
}

describe.each<ProxyKind>(['nginx', 'apache'])('behind %s, as our example configures it', (kind) => {
  let proxy: ReverseProxy;
  const at = (path: string) => `${proxy.url}${path}`;
  beforeAll(async () => {
    proxy = await ReverseProxy.start(kind, new URL(web.url).port);
  });
  afterAll(() => proxy.stop());

  it('keeps every address of its pages below the prefix, and all of them lead somewhere', async () => {
    const signed = await ask(at(`${PREFIX}/default/sign-in`), {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `token=${token}`,
    });
    expect([signed.status, signed.headers.location]).toEqual([303, `${PREFIX}/default/dashboard`]);
    const [cookie = ''] = signed.headers['set-cookie']![0]!.split(';');
    const id = await tasks.submit();
    await tasks.ended(id);
    const seen = new Set<string>([`${PREFIX}/`]);
    const astray: string[] = [];
    for (const path of seen) {
      const { status, headers, body } = await ask(at(path), { headers: { cookie } });
      if (status >= 400) astray.push(`${path}: ${status}`);
      const page = headers['content-type']?.startsWith('text/html') === true;
      const next = page ? addresses(body) : [];
      if (headers.location) next.push({ address: headers.location, followed: true });
      for (const { address, followed } of next) {
        const url = new URL(address, at(path));
        if (url.origin !== proxy.url) continue;
        if (!url.pathname.startsWith(`${PREFIX}/`)) astray.push(`${path} leads to ${address}`);
        else if (followed) seen.add(`${url.pathname}${url.search}`);
      }
    }
    expect(astray).toEqual([]);
    for (const known of [`/default/watch/${id}.html`, '/default/registry/deb/', '/static/']) {
      expect([...seen].join('\n')).toContain(`${PREFIX}${known}`);
    }
  });

  it('hands on who asks, whatever they say of themselves', async () => {
    const { status, headers, body } = await ask(
      at(`${PREFIX}/api/v1/instances/default/keyring/renewal`),
      {
        method: 'POST',
        headers: {
          ...bearer(),
          'content-type': 'application/json',
          'x-forwarded-for': '192.0.2.6',
          'x-forwarded-host': 'evil.example',
          'x-forwarded-proto': 'https',
        },
        body: JSON.stringify({ duration: '1y' }),
        from: '127.0.0.77',
      },
    );
    expect(body).toContain('"id"');
    expect(status).toBe(202);
    const { id } = JSON.parse(body) as { id: string };
    expect(headers.location).toBe(`${PREFIX}/api/v1/instances/default/tasks/${id}`);
    const followed = await ask(at(headers.location!), { headers: bearer() });
    expect(JSON.parse(followed.body)).toMatchObject({ id, links: { self: headers.location } });
    expect((await web.changes())[0]).toMatchObject({ user: 'root', origin: '127.0.0.77' });
  });

  it('shows clients of the registries the address they asked', async () => {
    await web.publish('default/deb/pool/libx++_1.0+b1~x.deb', 'package');
    const file = await ask(at(`${PREFIX}/default/deb/pool/libx%2B%2B_1.0%2Bb1~x.deb`));
    expect([file.status, file.body]).toEqual([200, 'package']);
    const refused = await ask(at(`${PREFIX}/api/v1/instances/none`));
    expect(JSON.parse(refused.body)).toMatchObject({
      status: 404,
      instance: `${PREFIX}/api/v1/instances/none`,
    });
    const moved = await ask(at(PREFIX));
    expect(new URL(moved.headers.location!, proxy.url).pathname).toBe(`${PREFIX}/`);
  });

  it('serves the document of the API and the board under the prefix', async () => {
    const document = await ask(at(`${PREFIX}/api/openapi.json`));
    expect(JSON.parse(document.body)).toMatchObject({ servers: [{ url: PREFIX }] });
    const docs = await ask(at(`${PREFIX}/api/docs`));
    const pages = new URL(docs.headers.location!, at(`${PREFIX}/api/docs`)).href;
    expect((await ask(pages)).body).toContain('swagger-initializer.js');
    const board = await ask(at(`${PREFIX}/board/default`), { headers: bearer() });
    expect(board.body).toContain(`${PREFIX}/board/default/`);
    const [, script = ''] = /<script[^>]* src="([^"]+)"/.exec(board.body) ?? [];
    const loaded = await ask(new URL(script, at(`${PREFIX}/board/default/`)).href, {
      headers: bearer(),
    });
    expect([loaded.status, loaded.headers['content-type']]).toEqual([
      200,
      expect.stringContaining('javascript'),
    ]);
  });

  it('lets a log through line by line, and a terminal', async () => {
    const { id, release } = await held();
    const path = `${PREFIX}/api/v1/instances/default/tasks/${id}`;
    const log = await open(at(`${path}/journal`), {
      headers: { ...bearer(), accept: 'text/event-stream' },
    });
    let seen = '';
    for await (const chunk of log as AsyncIterable<Buffer>) {
      seen += String(chunk);
      if (seen.includes('at work')) break;
    }
    const terminal = new WebSocket(at(`${path}/terminal`).replace('http:', 'ws:'), {
      headers: bearer(),
    });
    const messages: string[] = [];
    terminal.on('message', (data: Buffer) => messages.push(String(data)));
    while (!messages.join('').includes('at work')) await once(terminal, 'message');
    release();
    await once(terminal, 'close');
    expect(messages.join('')).toContain('Task succeeded');
  });

  it('takes uploads of more than a proxy holds by itself', async () => {
    const { status, body } = await ask(at(`${PREFIX}/default/build`), {
      method: 'POST',
      headers: { ...bearer(), 'content-type': 'multipart/form-data; boundary=b' },
      body: Buffer.concat([
        Buffer.from(
          '--b\r\ncontent-disposition: form-data; name="tarball"; filename="hello.tar.xz"\r\n\r\n',
        ),
        Buffer.alloc(3 * 1024 * 1024, 'x'),
        Buffer.from('\r\n--b--\r\n'),
      ]),
    });
    // All of it arrived: what is missing are the fields of the form.
    expect([status, body]).toEqual([400, expect.stringContaining('artifact')]);
  });

  it('is what fatbuildrctl speaks to', async () => {
    const client = await HttpClient.connect({
      ...{ uri: at(`${PREFIX}/default`), token, tokenFile: undefined },
    });
    const id = await client.keyringCreate();
    await tasks.ended(id);
    expect(await client.task(id)).toMatchObject({ id, state: 'finished' });
    await client.close();
  });
});

describe('without the proxy', () => {
  const signIn = (from: string, headers: OutgoingHttpHeaders) =>
    ask(`${web.url}/default/sign-in`, {
      ...{ method: 'POST', from, body: `token=${token}` },
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    });
  const https = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '192.0.2.6' };

  it('believes a trusted address that the client came over HTTPS', async () => {
    const { headers } = await signIn('127.0.0.1', https);
    expect(headers['set-cookie']).toEqual([expect.stringMatching(/^__Host-.*; Path=\/;.*Secure/)]);
  });

  it('believes nobody else', async () => {
    const { headers } = await signIn('127.0.0.9', https);
    expect(headers['set-cookie']).toEqual([expect.not.stringContaining('Secure')]);
  });

  it('serves paths with the prefix, and without it as a proxy may hand them on', async () => {
    const { origin } = new URL(web.url);
    for (const path of [PREFIX, `${PREFIX}/`, `${PREFIX}/healthz`, '/healthz', `${PREFIX}?a=b`]) {
      expect([path, (await ask(`${origin}${path}`)).status]).toEqual([path, 200]);
    }
    expect((await ask(`${origin}${PREFIX}x/healthz`)).status).toBe(404);
  });
});

it.each(['/api', '/default/x', '/static'])('does not start under the prefix %s', async (prefix) => {
  const other = new WebHost();
  await expect(other.start({ FATBUILDR_WEB_PREFIX: prefix })).rejects.toThrow(
    `[web] prefix is "${prefix}", but paths of ours start with "/${prefix.split('/')[1]}" already`,
  );
  await other.tasks.remove();
});
