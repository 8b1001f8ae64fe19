import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { JwtService } from '@nestjs/jwt';
import { encodeJournalMessage } from '@fatbuildr/protocol';
import { WebSocket } from 'ws';
import {
  answerTo,
  CREDENTIALS,
  makeCredentials,
  type Allowed,
  type Credential,
} from './support/credentials';
import { WebHost } from './support/web-host';

jest.setTimeout(60_000);

const web = new WebHost();
const { tasks } = web;
let tokens: Map<Credential, string | undefined>;

beforeAll(async () => {
  await tasks.start();
  await web.start();
  tokens = await makeCredentials(web);
}, 120_000);

afterAll(async () => {
  await web.stop();
  await tasks.stop();
  await tasks.remove();
});

const HERE = '/api/v1/instances/{instance}';
const REGISTRY = `${HERE}/registries/{format}/{distribution}`;
const PLACE = `${REGISTRY}/{derivative}`;
const ARTIFACT = `${PLACE}/artifacts/{architecture}/{artifact}`;
const ENVIRONMENT = `${HERE}/images/{format}/environments/{environment}/{architecture}`;

/** Who may use each route of the API under the policy that is shipped. */
const ROUTES: [method: string, path: string, allowed: Allowed][] = [
  ['GET', '/api/v1/instances', 'all'],
  ['GET', HERE, 'all'],
  ['GET', `${HERE}/pipelines`, 'all'],
  ['GET', `${HERE}/pipelines/formats/{format}`, 'all'],
  ['GET', `${HERE}/pipelines/distributions/{distribution}`, 'all'],
  ['GET', `${HERE}/pipelines/derivatives/{derivative}`, 'all'],
  ['GET', `${HERE}/tasks`, 'users'],
  ['GET', `${HERE}/tasks/{id}`, 'users'],
  ['GET', `${HERE}/tasks/{id}/estimate`, 'users'],
  ['POST', `${HERE}/tasks/{id}/cancel`, 'admins'],
  // What doing it again takes is what doing it took.
  ['POST', `${HERE}/tasks/{id}/retry`, 'users'],
  ['POST', `${HERE}/tasks/{id}/shell`, 'users'],
  ['POST', `${HERE}/history/purge`, 'admins'],
  ['GET', `${HERE}/tasks/{id}/journal`, 'users'],
  ['GET', `${HERE}/tasks/{id}/files`, 'users'],
  ['GET', `${HERE}/tasks/{id}/file`, 'users'],
  ['POST', `${HERE}/builds`, 'users'],
  ['GET', `${HERE}/images`, 'all'],
  ['GET', `${HERE}/images/{format}`, 'all'],
  ['POST', `${HERE}/images/{format}`, 'admins'],
  ['POST', `${HERE}/images/{format}/update`, 'admins'],
  ['POST', ENVIRONMENT, 'admins'],
  ['POST', `${ENVIRONMENT}/update`, 'admins'],
  ['POST', `${HERE}/images/{format}/shell`, 'admins'],
  ['POST', `${ENVIRONMENT}/shell`, 'admins'],
  ['GET', `${HERE}/keyring`, 'all'],
  ['POST', `${HERE}/keyring`, 'admins'],
  ['GET', `${HERE}/keyring/public-key`, 'all'],
  ['POST', `${HERE}/keyring/renewal`, 'admins'],
  ['GET', `${HERE}/registries`, 'all'],
  ['GET', `${HERE}/registries/{format}`, 'all'],
  ['GET', REGISTRY, 'all'],
  ['GET', `${REGISTRY}/publications`, 'all'],
  ['GET', `${PLACE}/artifacts`, 'all'],
  ['GET', `${HERE}/search`, 'all'],
  ['POST', `${HERE}/registries/{format}/reindex`, 'admins'],
  ['GET', ARTIFACT, 'all'],
  ['DELETE', ARTIFACT, 'admins'],
  ['GET', `${ARTIFACT}/changelog`, 'all'],
  ['GET', `${ARTIFACT}/content`, 'all'],
  ['GET', `${PLACE}/sources/{source}/binaries`, 'all'],
  ['GET', `${PLACE}/binaries/{binary}/source`, 'all'],
  // Without the right one's own alone.
  ['GET', `${HERE}/tokens`, 'users'],
  ['POST', `${HERE}/tokens`, 'admins'],
  ['DELETE', `${HERE}/tokens/{id}`, 'users'],
];

/** The routes that a token for `view-pipeline` alone is good for. */
const LIMITED =
  /^\/api\/v1\/instances$|\{instance\}$|\/pipelines|\/images(\/\{format\})?$|\/tokens$/;

const PARTS: Readonly<Record<string, string>> = {
  ...{ instance: 'default', format: 'deb', distribution: 'bookworm', derivative: 'main' },
  ...{ environment: 'bookworm', architecture: 'x86_64', artifact: 'hello', id: 'none' },
  ...{ source: 'hello', binary: 'hello' },
};
const addressOf = (path: string) => path.replace(/\{(\w+)\}/g, (_, part: string) => PARTS[part]!);

const bearer = (token: string | undefined) =>
  token === undefined ? {} : { authorization: `Bearer ${token}` };

it('the table has every route of the document', () => {
  const document = JSON.parse(readFileSync(join(__dirname, '../../docs/openapi.json'), 'utf8')) as {
    paths: Record<string, Record<string, unknown>>;
  };
  const all = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(ROUTES.map(([method, path]) => `${method} ${path}`).sort()).toEqual(all.sort());
});

describe.each(CREDENTIALS)('with credentials: %s', (credential) => {
  it.each(ROUTES)('%s %s', async (method, path, allowed) => {
    const answer = await web.ask(addressOf(path), {
      method,
      headers: bearer(tokens.get(credential)),
    });
    const outcome = answerTo(credential, {
      allowed,
      limited: method === 'GET' && LIMITED.test(path),
      named: path.includes('{instance}'),
    });
    if (outcome === 'yes') {
      // Where no daemon has run, there is no engine to ask for images (503).
      expect([401, 403, 429, 500]).not.toContain(answer.status);
      return;
    }
    expect([answer.status, answer.headers['content-type']]).toEqual([
      outcome,
      'application/problem+json; charset=utf-8',
    ]);
    expect(JSON.parse(answer.body)).toMatchObject({
      ...{ status: outcome, code: outcome === 401 ? 'ACCESS.TOKEN' : 'ACCESS.DENIED' },
      detail: expect.any(String) as string,
    });
    if (outcome === 401) expect(answer.headers['www-authenticate']).toContain('Bearer');
  });
});

describe('a limited token', () => {
  const issue = (token: string, body: object) =>
    web.ask('/api/v1/instances/default/tokens', {
      method: 'POST',
      headers: { ...bearer(token), 'content-type': 'application/json' },
      body: Buffer.from(JSON.stringify(body)),
    });

  it('issues others as narrow as itself, and none that may do more', async () => {
    const narrow = await web.token('root', { scopes: ['manage-token', 'view-task'] });
    const wider = await issue(narrow, { scopes: ['view-task', 'build'] });
    const problem = JSON.parse(wider.body) as { code: string };
    expect([wider.status, problem.code]).toEqual([403, 'ACCESS.WIDER_TOKEN']);
    const same = JSON.parse((await issue(narrow, {})).body) as { scopes: string[] };
    expect(same.scopes).toEqual(['manage-token', 'view-task']);
    const narrower = await issue(narrow, { scopes: ['view-task'] });
    expect(narrower.status).toBe(201);
    const { token } = JSON.parse(narrower.body) as { token: string };
    const here = '/api/v1/instances/default';
    const headers = bearer(token);
    expect((await web.ask(`${here}/tasks`, { headers })).status).toBe(200);
    expect((await web.ask(`${here}/pipelines`, { headers })).status).toBe(403);
    expect((await issue(token, {})).status).toBe(403);
  });

  it('makes itself worthless, and no other of its user', async () => {
    const token = await web.token('ada', { scopes: ['view-task'] });
    const { jti } = new JwtService().decode<{ jti: string }>(token);
    const other = new JwtService().decode<{ jti: string }>(tokens.get('user')!).jti;
    const revoke = async (id: string) => {
      const path = `/api/v1/instances/default/tokens/${id}`;
      return (await web.ask(path, { method: 'DELETE', headers: bearer(token) })).status;
    };
    expect(await revoke(other)).toBe(403);
    expect(await revoke(jti)).toBe(204);
    expect(await revoke(jti)).toBe(401);
  });
});

describe('the terminal of a task', () => {
  const typed = (text: string) =>
    encodeJournalMessage({ command: 'output', data: Buffer.from(text) });
  const open = (id: string, token: string | undefined) =>
    new WebSocket(
      `${web.url.replace('http', 'ws')}/api/v1/instances/default/tasks/${id}/terminal`,
      { headers: bearer(token) },
    );

  it.each<[Credential, number]>([
    ['anonymous', 403],
    ['limited admin', 403],
    ['expired', 401],
    ['revoked', 401],
    ['key of another instance', 401],
  ])('is closed to credentials: %s', async (credential, status) => {
    const id = await tasks.submit();
    const [fault] = (await once(open(id, tokens.get(credential)), 'error')) as [Error];
    expect(fault.message).toContain(String(status));
  });

  it.each<[string, string, number]>([
    ['who may only watch', 'grace', 1008],
    ['a submitter whose token may only watch', 'ada', 1008],
  ])('takes no keys of %s', async (_who, user, code) => {
    const id = await tasks.submit(undefined, 'ada');
    const socket = open(id, await web.token(user, { scopes: ['view-task'] }));
    await once(socket, 'open');
    socket.send(typed('exit\n'));
    expect(await once(socket, 'close')).toEqual([code, expect.anything()]);
  });

  it('has who types in the trail, and not who watches', async () => {
    const shell = { term: 'xterm', command: [] };
    const id = await tasks.submit({ name: 'image shell', format: 'deb', ...shell }, 'ada');
    const entries = async () => {
      const all = await web.changes();
      return all.filter(({ detail }) => detail === `terminal of task ${id}`);
    };
    const socket = open(id, tokens.get('admin'));
    await once(socket, 'open');
    expect(await entries()).toEqual([]);
    socket.send(typed('a'));
    socket.send(typed('b'));
    while ((await entries()).length === 0) await new Promise(setImmediate);
    const entry = { instance: 'default', user: 'root', transport: 'http', action: 'manage-task' };
    expect(await entries()).toMatchObject([{ ...entry, outcome: 'begun', origin: '127.0.0.1' }]);
    socket.close();
    while ((await entries())[0]?.outcome !== 'done') await new Promise(setImmediate);
    expect(await entries()).toMatchObject([{ ...entry, task: id }]);
  });
});
