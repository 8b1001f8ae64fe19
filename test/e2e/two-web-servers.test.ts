import { readdir, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { hostInstance } from './support/host';
import { Installation } from './support/installation';
import { WebProgram } from './support/web-program';

jest.setTimeout(120_000);

const HERE = '/api/v1/instances/default';

interface Answered {
  id: string;
  token: string;
}

describe('two web servers on one home', () => {
  const installation = new Installation();
  const servers: WebProgram[] = [];
  let one: string;
  let other: string;
  let token: string;

  beforeAll(async () => {
    await installation.configure({ default: hostInstance() }, '[keyring]\ntype = ed25519\n');
    const actions = 'view-task, edit-keyring, build, manage-token';
    const policy = `[roles]\nuser = ALL\n[user]\nactions = ${actions}\n`;
    await writeFile(join(installation.home, 'etc/policy.ini'), policy);
    await installation.start();
    const start = () => WebProgram.start(installation.home);
    servers.push(...(await Promise.all([start(), start()])));
    [one, other] = servers.map(({ url }) => `${url}${HERE}`) as [string, string];
    token = (await installation.ctl('tokens', 'generate')).stdout.trim();
  });
  afterAll(async () => {
    for (const server of servers) await server.stop();
    await installation.remove();
  });

  const bearer = (value = token) => ({ authorization: `Bearer ${value}` });

  async function ask(url: string, init: RequestInit = {}) {
    const answer = await fetch(url, { headers: bearer(), ...init });
    const text = await answer.text();
    return { status: answer.status, body: (text ? JSON.parse(text) : {}) as Answered };
  }

  it('submit once what both are sent under one key', async () => {
    const headers = { ...bearer(), 'idempotency-key': 'order-66' };
    const create = async (server: string) => {
      for (;;) {
        const answer = await ask(`${server}/keyring`, { method: 'POST', headers });
        // Who asks while the other one submits is told to ask again.
        if (answer.status === 202) return answer.body.id;
        expect(answer).toMatchObject({ status: 409 });
      }
    };
    const all = [one, other, one, other, one, other];
    const [id, ...more] = new Set(await Promise.all(all.map(create)));
    expect(more).toEqual([]);
    await installation.ctl('watch', id!);
    const tasks = await installation.json<Answered[]>('history');
    expect(tasks).toMatchObject([{ id, name: 'keyring creation', result: 'success' }]);
  });

  it('know the tokens of each other, and their end, at once', async () => {
    const { body } = await ask(`${one}/tokens`, { method: 'POST' });
    const headers = bearer(body.token);
    expect((await ask(`${other}/tasks`, { headers })).status).toBe(200);
    expect((await ask(`${other}/tokens/${body.id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await ask(`${one}/tasks`, { headers })).status).toBe(401);
  });

  it('leave the uploads of each other alone, also when one starts', async () => {
    const type = { 'content-type': 'multipart/form-data; boundary=b' };
    const asked = request(`${one}/builds`, { method: 'POST', headers: { ...bearer(), ...type } });
    asked.on('error', () => undefined);
    asked.write(
      '--b\r\ncontent-disposition: form-data; name="tarball"; filename="x"\r\n\r\nhas begun',
    );
    const uploads = async () => {
      const root = join(installation.home, 'tmp/uploads');
      const owners = await readdir(root).catch(() => []);
      return (await Promise.all(owners.map((owner) => readdir(join(root, owner))))).flat();
    };
    while ((await uploads()).length === 0) await delay(20);
    const third = await WebProgram.start(installation.home);
    expect(await third.stop()).toBe(0);
    expect(await uploads()).toHaveLength(1);
    asked.destroy();
    while ((await uploads()).length > 0) await delay(20);
  });

  it('each slow down who tries tokens out, and nobody else', async () => {
    const statuses = async (server: string) => {
      const all: number[] = [];
      while (all.at(-1) !== 429) {
        all.push((await ask(`${server}/tasks`, { headers: bearer('x') })).status);
      }
      return all;
    };
    const refused = await statuses(one);
    expect(new Set(refused)).toEqual(new Set([401, 429]));
    // What was refused by one is not counted by the other.
    expect((await ask(`${other}/tasks`)).status).toBe(200);
    expect((await statuses(other)).length).toBeGreaterThan(10);
  });
});
