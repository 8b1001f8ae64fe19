import { readFile, writeFile } from 'node:fs/promises';
import { createServer, connect, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { FatbuildrClient, JournalMessage, TaskDescription } from '@fatbuildr/protocol';
import { DbusClient } from '@fatbuildr/protocol-dbus';
import { HttpClient } from '@fatbuildr/protocol-http';
import { WebSocket } from 'ws';
import { hostInstance, HOST_CODENAME } from './support/host';
import { execute, Installation, type Ended } from './support/installation';
import { WebProgram } from './support/web-program';

jest.setTimeout(120_000);

const installation = new Installation();
let web: WebProgram;
let api: string;

beforeAll(async () => {
  await installation.configure({ default: hostInstance() }, '[keyring]\ntype = ed25519\n');
  // Everybody may do everything but purge: who may what is tested where tokens are.
  await writeFile(
    join(installation.home, 'etc/policy.ini'),
    `[roles]\nanonymous\n[anonymous]\nactions = view-pipeline, view-registry, view-keyring, view-task, manage-task, edit-registry, build, edit-keyring, manage-image\n`,
  );
  await installation.start();
  web = await WebProgram.start(installation.home);
  api = `${web.url}/api/v1/instances/default`;
});
afterAll(async () => {
  await web.stop();
  await installation.remove();
});

const bus = () => DbusClient.connect({ kind: 'home', home: installation.home }, 'default');
const http = (uri = `${web.url}/default`) =>
  HttpClient.connect({ uri, token: undefined, tokenFile: undefined });

async function submit(path: string, headers: Record<string, string> = {}, body?: object) {
  const response = await fetch(`${api}${path}`, {
    method: 'POST',
    headers: { ...headers, ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return { response, body: (await response.json()) as TaskDescription & { detail?: string } };
}

async function collect(messages: AsyncIterable<JournalMessage>): Promise<JournalMessage[]> {
  const all: JournalMessage[] = [];
  for await (const message of messages) all.push(message);
  return all;
}

describe.each(['D-Bus', 'HTTP'] as const)('fatbuildrctl over %s', (transport) => {
  const ctl = (...args: string[]): Promise<Ended> => {
    if (transport === 'D-Bus') return installation.ctl(...args);
    const bin = join(__dirname, '../../bin/fatbuildrctl');
    return execute([bin, '--uri', `${web.url}/default`, ...args], {
      env: { XDG_CONFIG_HOME: join(installation.home, 'nobody'), FATBUILDR_HOME: '' },
    });
  };

  it('makes the key or says that there is one, and shows and renews it', async () => {
    const created = await ctl('keyring', 'create');
    expect(created.status).toBe(transport === 'D-Bus' ? 0 : 1);
    expect(created.stdout).toContain(transport === 'D-Bus' ? 'Task succeeded' : 'Task failed');
    const renewed = await ctl('keyring', 'renew', '--duration', '2y');
    expect(renewed).toMatchObject({ status: 0 });
    expect(renewed.stdout).toContain('Step renew done');
    expect((await ctl('keyring', 'show')).stdout).toContain('Tests Packages');
    expect((await ctl('keyring', 'export')).stdout).toContain('BEGIN PGP PUBLIC KEY BLOCK');
    const refused = await ctl('keyring', 'renew', '--duration', 'soon');
    expect(refused).toMatchObject({ status: 1, stdout: '' });
    expect(refused.stderr).toMatch(/expected .*, got "soon"\n$/);
  });

  it('lists what ran and what waits, watches what has ended and does it again', async () => {
    const listed = await ctl('-o', 'json', 'history');
    const [newest] = JSON.parse(listed.stdout) as TaskDescription[];
    expect((await ctl('watch', newest!.id)).stdout).toContain('Task ');
    expect((await ctl('list')).stdout).toContain('No task is running or waiting');
    expect((await ctl('retry', newest!.id)).stdout).toContain('submitted');
    expect((await ctl('cancel', newest!.id)).stderr).toContain('has ended already');
  });

  it('says what is wrong', async () => {
    const none = await ctl('registry', 'list', '-d', 'nowhere');
    expect(none.status).toBe(1);
    expect(none.stderr).toContain(HOST_CODENAME);
    expect((await ctl('watch', 'nothing')).stderr).toContain('has no task "nothing"');
  });
});

describe('a client', () => {
  let clients: FatbuildrClient[];
  beforeEach(async () => (clients = [await bus(), await http()]));
  afterEach(async () => {
    for (const client of clients) await client.close();
  });

  it.each<[string, (client: FatbuildrClient) => Promise<unknown>]>([
    ['instance', (client) => client.instance()],
    ['instances', (client) => client.instances()],
    ['formats', (client) => client.pipelinesFormats()],
    ['architectures', (client) => client.pipelinesArchitectures()],
    ['distributions', (client) => client.pipelinesFormatDistributions('deb')],
    ['format', (client) => client.pipelinesDistributionFormat(HOST_CODENAME)],
    ['environment', (client) => client.pipelinesDistributionEnvironment(HOST_CODENAME)],
    ['derivatives', (client) => client.pipelinesDistributionDerivatives(HOST_CODENAME)],
    ['formats of a derivative', (client) => client.pipelinesDerivativeFormats('main')],
    ['history', (client) => client.history(3)],
    ['all of the history', (client) => client.history(0)],
    ['found tasks', (client) => client.searchTasks({ name: 'keyring renewal', limit: 1 })],
    ['queue', (client) => client.queue()],
    ['running task', (client) => client.running()],
    ['keyring', (client) => client.keyring()],
    ['public key', (client) => client.keyringExport()],
    ['registry formats', (client) => client.registryFormats()],
    ['registry distributions', (client) => client.registryDistributions('deb')],
    ['registry derivatives', (client) => client.registryDerivatives('deb', HOST_CODENAME)],
    ['search', (client) => client.search('hello')],
    ['estimate', async (client) => client.taskEstimate((await client.history(1))[0]!.id)],
    ['journal', async (client) => collect(client.watch((await client.history(1))[0]!))],
  ])('gets the same %s over either transport', async (_, ask) => {
    const [local, remote] = await Promise.all(clients.map(ask));
    expect(remote).toEqual(local);
  });

  it.each<[string, (client: FatbuildrClient) => Promise<unknown>]>([
    ['task', (client) => client.task('none')],
    ['format', (client) => client.pipelinesFormatDistributions('none')],
    ['distribution', (client) => client.pipelinesDistributionFormat('none')],
    ['environment', (client) => client.environmentCreate('deb', 'none', 'x86_64')],
    ['registry', (client) => client.registryDistributions('none')],
  ])('is told the same of an unknown %s', async (_, ask) => {
    const [local, remote] = await Promise.all(
      clients.map((client) => ask(client).catch((fault: unknown) => (fault as Error).message)),
    );
    expect(remote).toBe(local);
    expect(remote).toContain('none');
  });
});

describe('the HTTP client', () => {
  it('finds the only instance of a server, and says whether one is there', async () => {
    await expect((await http(web.url)).instance()).resolves.toMatchObject({ id: 'default' });
    await expect(http('http://127.0.0.1:9')).rejects.toThrow(/cannot reach http:\/\/127/);
    await expect(http(web.url.replace('http:', 'https:'))).rejects.toThrow('does not speak TLS');
  });

  it('says where a token was looked for, and how to get one', async () => {
    const uri = `${web.url}/default`;
    const anonymous = await HttpClient.connect({ uri, token: undefined, tokenFile: '/t/a.token' });
    await expect(anonymous.historyPurge()).rejects.toThrow(
      `there is no token in /t/a.token, ask for one and keep it with: fatbuildrctl tokens save --uri ${uri}`,
    );
    const forged = await HttpClient.connect({ uri, token: 'a.b.c', tokenFile: '/t/a.token' });
    await expect(forged.keyring()).rejects.toThrow('the token is that of /t/a.token');
  });

  it('goes on with a journal behind the last message when the connection breaks', async () => {
    const [task] = await (await http()).history(1);
    const whole = await collect((await http()).watch(task!));
    const cut = await CuttingProxy.start(Number(new URL(web.url).port));
    try {
      const through = await collect((await http(`${cut.url}/default`)).watch(task!));
      expect(through).toEqual(whole);
      expect(cut.connections).toBeGreaterThan(1);
    } finally {
      cut.stop();
    }
  });
});

describe('the API', () => {
  it('submits once per key, and refuses the key for another request', async () => {
    const key = { 'idempotency-key': 'order-66' };
    const first = await submit('/keyring/renewal', key, { duration: '1y' });
    expect(first.response.status).toBe(202);
    expect(first.response.headers.get('location')).toContain(first.body.id);
    const again = await submit('/keyring/renewal', key, { duration: '1y' });
    expect(again.body.id).toBe(first.body.id);
    const other = await submit('/keyring/renewal', key, { duration: '3y' });
    expect(other.response.status).toBe(422);
    expect(other.response.headers.get('content-type')).toContain('application/problem+json');
    const fresh = await submit('/keyring/renewal', {}, { duration: '1y' });
    expect(fresh.body.id).not.toBe(first.body.id);
  });

  it('answers 304 to who has what is asked for', async () => {
    for (const path of ['/pipelines', `/registries/deb/${HOST_CODENAME}/main/artifacts`]) {
      const first = await fetch(`${api}${path}`);
      const tag = first.headers.get('etag')!;
      expect(await first.json()).toBeDefined();
      const second = await fetch(`${api}${path}`, { headers: { 'if-none-match': tag } });
      expect(second.status).toBe(304);
    }
  });

  it('gives tasks by pages', async () => {
    const seen: string[] = [];
    for (let cursor = ''; ;) {
      const page = (await (await fetch(`${api}/tasks?limit=2${cursor}`)).json()) as {
        items: TaskDescription[];
        next?: number;
      };
      seen.push(...page.items.map(({ id }) => id));
      if (page.next === undefined) break;
      cursor = `&cursor=${page.next}`;
    }
    const all = await (await http()).searchTasks({});
    expect(seen).toEqual(all.map(({ id }) => id));
  });

  it.each([
    ['/tasks?state=sleeping', 400, 'state'],
    ['/tasks?limit=0', 400, 'limit'],
    ['/tasks?colour=red', 400, 'colour'],
    ['/tasks/none', 404, 'none'],
    ['/search', 400, 'text'],
  ])('refuses %s with a problem document', async (path, status, word) => {
    const response = await fetch(`${api}${path}`);
    expect(response.status).toBe(status);
    const problem = (await response.json()) as { status: number; detail: string };
    expect(problem).toMatchObject({ status, title: expect.any(String) as string });
    expect(problem.detail).toContain(word);
  });

  it('follows a journal as events, from any message on, to the end', async () => {
    const [task] = await (await http()).history(1);
    const read = async (headers: Record<string, string>) =>
      (
        await fetch(`${api}/tasks/${task!.id}/journal`, {
          headers: { accept: 'text/event-stream', ...headers },
        })
      ).text();
    const whole = await read({});
    const ids = [...whole.matchAll(/^id: (\d+)$/gm)].map(([, id]) => id!);
    expect(ids.length).toBeGreaterThan(2);
    expect(whole).toContain('event: end\ndata: {"state":"finished"');
    const rest = await read({ 'last-event-id': ids[1]! });
    expect([...rest.matchAll(/^id: (\d+)$/gm)].map(([, id]) => id)).toEqual(ids.slice(2));
  });

  it('lists the files of a task and sends them, whole or in part, and no others', async () => {
    const [task] = await (await http()).history(1);
    const files = (await (await fetch(`${api}/tasks/${task!.id}/files`)).json()) as {
      path: string;
      size: number;
      links: { self: string };
    }[];
    const journal = files.find(({ path }) => path === 'task.journal')!;
    const part = await fetch(`${web.url}${journal.links.self}`, {
      headers: { range: 'bytes=0-7' },
    });
    expect(part.status).toBe(206);
    expect((await part.arrayBuffer()).byteLength).toBe(8);
    const outside = encodeURIComponent('../../../etc/policy.ini');
    expect((await fetch(`${api}/tasks/${task!.id}/file?path=${outside}`)).status).toBe(404);
  });

  it('shows a terminal over WebSocket, and takes no nonsense from it', async () => {
    const [task] = await (await http()).history(1);
    const socket = new WebSocket(`${api.replace('http', 'ws')}/tasks/${task!.id}/terminal`);
    const frames: Buffer[] = [];
    socket.on('message', (data: Buffer) => frames.push(data));
    const [code] = (await once(socket, 'close')) as [number];
    expect(code).toBe(1000);
    expect(Buffer.concat(frames).toString()).toContain('Task ');
    const foreign = new WebSocket(`${api.replace('http', 'ws')}/tasks/${task!.id}/terminal`, {
      origin: 'https://elsewhere.example',
    });
    const [fault] = (await once(foreign, 'error')) as [Error];
    expect(fault.message).toContain('403');
  });
});

describe('the server', () => {
  it('tells how it is', async () => {
    expect(await (await fetch(`${web.url}/healthz`)).text()).toBe('ok\n');
    const ready = await fetch(`${web.url}/readyz`);
    expect(ready.status).toBe(200);
    expect(await ready.json()).toMatchObject({ database: 'ok', queue: 'ok', daemon: 'running' });
    expect(await (await fetch(`${web.url}/metrics`)).text()).toContain('fatbuildr_tasks');
  });

  it('shows its document, the same as is committed, and a reader that needs no other server', async () => {
    const document: unknown = await (await fetch(`${web.url}/api/openapi.json`)).json();
    const committed = await readFile(join(__dirname, '../../docs/openapi.json'), 'utf8');
    expect(document).toEqual(JSON.parse(committed));
    const page = await fetch(`${web.url}/api/docs/`);
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
    const text = await page.text();
    expect(text).toContain('swagger-ui-bundle.js');
    expect(text).not.toMatch(/<script>[^<]|https?:\/\//);
  });

  it('shows the board of an instance, changes nothing there, and nothing without the right', async () => {
    const board = `${web.url}/board/default`;
    const queues = await (await fetch(`${board}/api/queues`)).text();
    expect(queues).toContain('"readOnlyMode":true');
    const pause = await fetch(`${board}/api/queues/fatbuildr-default/pause`, { method: 'PUT' });
    expect(pause.status).toBe(405);
    const headers = { authorization: 'Bearer a.b.c' };
    expect((await fetch(`${board}/api/queues`, { headers })).status).toBe(401);
  });
});

describe('a server without its queue', () => {
  it.each(['was never there', 'went away'])('ends when it is told to: it %s', async (which) => {
    const lonely = new Installation();
    try {
      await lonely.configure({ default: hostInstance() });
      if (which === 'went away') await lonely.start();
      const server = await WebProgram.start(lonely.home);
      await lonely.stop();
      expect(await server.stop()).toBe(0);
    } finally {
      await lonely.remove();
    }
  });
});

/** Hands connections on to a port, and cuts each off after some bytes of the answer, more each time. */
class CuttingProxy {
  connections = 0;
  private readonly sockets: Socket[] = [];

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(port: number): Promise<CuttingProxy> {
    const server = createServer((client) => {
      proxy.sockets.push(client);
      const allowed = 300 + 150 * proxy.connections++;
      let sent = 0;
      const upstream = connect(port, '127.0.0.1');
      client.on('error', () => undefined).on('close', () => upstream.destroy());
      upstream.on('error', () => undefined).on('close', () => client.destroy());
      client.pipe(upstream);
      upstream.on('data', (data: Buffer) => {
        client.write(data.subarray(0, Math.max(0, allowed - sent)));
        if ((sent += data.length) > allowed) client.end(() => client.destroy());
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const proxy = new CuttingProxy(
      server,
      `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    );
    return proxy;
  }

  stop(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }
}
