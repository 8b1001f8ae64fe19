import { createHmac } from 'node:crypto';
import {
  answerTo,
  CREDENTIALS,
  makeCredentials,
  type Allowed,
  type Credential,
} from './support/credentials';
import { WebHost } from './support/web-host';

const web = new WebHost();

/** Who may use each route under the policy that is shipped. */
const ROUTES: [method: string, path: string, allowed: Allowed][] = [
  ['GET', '/version', 'all'],
  ['GET', '/instances.json', 'all'],
  ['GET', '/default/instance.json', 'all'],
  ['GET', '/default/keyring.asc', 'all'],
  ['GET', '/default/pipelines/architectures.json', 'all'],
  ['GET', '/default/pipelines/formats.json', 'all'],
  ['GET', '/default/registry.json', 'all'],
  ['GET', '/default/registry/deb.json', 'all'],
  ['GET', '/default/registry/deb/bookworm.json', 'all'],
  ['GET', '/default/registry/deb/bookworm/main.json', 'all'],
  ['GET', '/default/registry/deb/bookworm/main/src/hello.json', 'all'],
  ['DELETE', '/default/registry/deb/bookworm/main/src/hello.json?version=1', 'admins'],
  ['GET', '/default/search.json?artifact=hello', 'all'],
  ['POST', '/default/build', 'users'],
  ['GET', '/default/running.json', 'users'],
  ['GET', '/default/queue.json', 'users'],
  ['GET', '/default/tasks/none.json', 'users'],
  ['GET', '/default/watch/none.journal', 'users'],
  ['GET', '/default/deb/dists/bookworm/InRelease', 'all'],
];

let tokens: Map<Credential, string | undefined>;

beforeAll(async () => {
  await web.tasks.start();
  await web.start();
  tokens = await makeCredentials(web);
}, 120_000);

afterAll(async () => {
  await web.stop();
  await web.tasks.stop();
  await web.tasks.remove();
});

describe.each(CREDENTIALS)('with credentials: %s', (credential) => {
  it.each(ROUTES)('%s %s', async (method, path, allowed) => {
    const token = tokens.get(credential);
    const { status, headers, body } = await web.ask(path, {
      method,
      ...(token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } }),
    });
    const outcome = answerTo(credential, {
      allowed,
      limited: /^\/(version|instances)|\/instance\.json|\/pipelines\//.test(path),
      named: path.startsWith('/default'),
    });
    if (outcome === 'yes') {
      expect([401, 403, 429]).not.toContain(status);
      expect(status).toBeLessThan(500);
      return;
    }
    expect([status, body]).toEqual([outcome, expect.stringMatching(/^\{"error":".+"\}$/)]);
    if (outcome === 401) expect(headers['www-authenticate']).toContain('Bearer');
  });
});

describe('credentials that are refused', () => {
  const bad = { headers: { authorization: 'Bearer x' }, from: '127.9.9.9' };

  it('may be sent ten times in a row, then their address has to wait, and only it', async () => {
    for (let sent = 0; sent < 10; sent += 1) {
      expect((await web.ask('/default/instance.json', bad)).status).toBe(401);
    }
    const limited = await web.ask('/default/instance.json', bad);
    expect(limited.status).toBe(429);
    expect(Number(limited.headers['retry-after'])).toBeGreaterThan(0);
    // Even with a good token: who guesses must not learn that a guess was right.
    const authorization = `Bearer ${tokens.get('admin')}`;
    const good = { headers: { authorization }, from: bad.from };
    expect((await web.ask('/default/instance.json', good)).status).toBe(429);
    expect((await web.ask('/default/instance.json', { from: bad.from })).status).toBe(200);
    expect((await web.ask('/default/instance.json', { headers: { authorization } })).status).toBe(
      200,
    );
  });
});

describe('a session in a cookie', () => {
  const cookie = () => ({ cookie: `fatbuildr_default=${tokens.get('admin')}` });
  const csrf = () => createHmac('sha256', tokens.get('admin')!).update('csrf').digest('base64url');
  const path = '/default/registry/deb/bookworm/main/src/hello.json?version=1';
  const method = 'DELETE';

  it('reads as its user', async () => {
    expect((await web.ask('/default/queue.json', { headers: cookie() })).status).toBe(200);
  });

  it('is none in another instance, and none at all once it is worthless', async () => {
    expect((await web.ask('/other/queue.json', { headers: cookie() })).status).toBe(403);
    const headers = { cookie: `fatbuildr_default=${tokens.get('revoked')}` };
    expect((await web.ask('/default/queue.json', { headers })).status).toBe(403);
    expect((await web.ask('/default/registry.json', { headers })).status).toBe(200);
  });

  it('changes nothing without the token of our pages', async () => {
    for (const headers of [cookie(), { ...cookie(), 'x-csrf-token': 'x' }]) {
      const { status, body } = await web.ask(path, { method, headers });
      expect([status, body]).toEqual([403, expect.stringContaining('token of the form')]);
    }
  });

  it('changes nothing for another site', async () => {
    for (const origin of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }]) {
      const headers = { ...cookie(), ...origin, 'x-csrf-token': csrf() };
      const { status, body } = await web.ask(path, { method, headers });
      expect([status, body]).toEqual([403, expect.stringContaining('does not come from a page')]);
    }
  });

  it.each(['/default/sign-out', '/default/keyring/create'])(
    'takes that token in the field of a form: %s',
    async (address) => {
      const type = { 'content-type': 'application/x-www-form-urlencoded' };
      const headers = { ...cookie(), ...type, origin: web.url };
      const send = (body: string) =>
        web.ask(address, { method: 'POST', headers, body: Buffer.from(body) });
      for (const body of ['', 'csrf=x', `csrf=${csrf()}&csrf=${csrf()}`]) {
        expect((await send(body)).status).toBe(403);
      }
      expect((await send(`csrf=${csrf()}`)).status).not.toBe(403);
    },
  );

  it('takes it in the query of a form with files, which is refused before they are read', async () => {
    const headers = {
      ...{ ...cookie(), origin: web.url },
      'content-type': 'multipart/form-data; boundary=b',
    };
    const field = `--b\r\ncontent-disposition: form-data; name="csrf"\r\n\r\n${csrf()}\r\n--b--\r\n`;
    const send = (query: string) =>
      web.ask(`/default/build${query}`, { method: 'POST', headers, body: Buffer.from(field) });
    for (const query of ['', '?csrf=', '?csrf=x']) {
      const { status, body } = await send(query);
      expect([status, body]).toEqual([403, expect.stringContaining('token of the form')]);
    }
    // Allowed: it is the definition that is not there.
    expect((await send(`?csrf=${csrf()}`)).status).toBe(400);
    const trail = (await web.changes()).map(({ detail }) => detail);
    expect(trail).toContain('POST /default/build?csrf=…');
  });

  it('changes what its user may from a page of ours', async () => {
    const headers = { ...cookie(), origin: web.url, 'x-csrf-token': csrf() };
    // Allowed: it is the artifact that is not there.
    expect((await web.ask(path, { method, headers })).status).toBe(404);
  });
});
