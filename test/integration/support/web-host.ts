import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import {
  request,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
} from 'node:http';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import {
  ACCESS_ENTITIES,
  ACCESS_MIGRATIONS,
  AuditService,
  TokensService,
  type Action,
} from '@fatbuildr/access';
import { loadConfiguration, type Configuration } from '@fatbuildr/config';
import { Database } from '@fatbuildr/database';
import { Instance } from '@fatbuildr/instances';
import { WebServer, type Patience } from '../../../apps/fatbuildrweb/src/web-server';
import { TaskHost } from './task-host';

export function webInstance(id: string): Instance {
  const shared = { tag: 'deb12', mirror: undefined, components: undefined, modules: [] };
  return new Instance({
    id,
    name: `Instance ${id}`,
    gpg: { name: 'ACME', email: 'packages@acme.example' },
    architectures: ['x86_64', 'aarch64'],
    pipelines: [
      { ...shared, format: 'deb', distribution: 'bookworm', environment: 'bookworm' },
      { ...shared, format: 'deb', distribution: 'trixie', environment: 'trixie' },
    ],
    derivatives: new Map([['extra', { formats: undefined, extends: 'main' }]]),
  });
}

/** A web server on a port of its own, with the tasks of another process on the same home. */
export class WebHost {
  readonly tasks = new TaskHost();
  configuration!: Configuration;
  private server: WebServer | undefined;
  private database: Database | undefined;
  private tokens!: TokensService;
  private addresses = 0;

  get home(): string {
    return this.tasks.home;
  }

  /** @param env `FATBUILDR_<SECTION>_<KEY>` of the configuration */
  async start(
    env: NodeJS.ProcessEnv = {},
    {
      instances = ['default', 'other'],
      patience,
    }: { instances?: string[]; patience?: Patience } = {},
  ): Promise<void> {
    this.configuration = loadConfiguration({
      home: this.home,
      env: { FATBUILDR_WEB_HOST: '127.0.0.1', FATBUILDR_WEB_PORT: '0', ...env },
    });
    this.server = await WebServer.start(this.configuration, instances.map(webInstance), patience);
    this.database = await Database.open(this.configuration, {
      entities: ACCESS_ENTITIES,
      migrations: ACCESS_MIGRATIONS,
    });
    this.tokens = new TokensService(this.configuration, this.database);
  }

  get url(): string {
    return this.server!.url;
  }

  async token(
    user: string,
    { instance = 'default', scopes }: { instance?: string; scopes?: Action[] } = {},
  ): Promise<string> {
    return (await this.tokens.issue(instance, { user, scopes })).token;
  }

  /** What the trail holds of the instance `default`, the newest first. */
  changes(): ReturnType<AuditService['list']> {
    return new AuditService(this.database!).list({ instance: 'default', limit: 1000 });
  }

  async revokedToken(user: string): Promise<string> {
    const { token, description } = await this.tokens.issue('default', { user });
    await this.tokens.revoke('default', description.id);
    return token;
  }

  /**
   * One request, by default from an address of its own: how often one may fail is seldom what a test is
   * about.
   */
  async ask(
    path: string,
    options: { method?: string; headers?: OutgoingHttpHeaders; body?: Buffer; from?: string } = {},
  ): Promise<{ status: number; headers: IncomingHttpHeaders; body: string; bytes: Buffer }> {
    const { method = 'GET', headers, body, from = this.freshAddress() } = options;
    const asked = request(`${this.url}${path}`, {
      ...{ method, headers, localAddress: from, agent: false },
      // As it is: a path may be what no client would send.
      path,
    });
    asked.end(body);
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    return { status: answer.statusCode!, headers: answer.headers, body: bytes.toString(), bytes };
  }

  private freshAddress(): string {
    this.addresses += 1;
    return `127.1.${this.addresses >> 8}.${this.addresses & 255}`;
  }

  /** Sends bytes as they are; @returns all the server answers before it closes */
  async raw(...parts: string[]): Promise<string> {
    const { hostname, port } = new URL(this.url);
    const socket = connect(Number(port), hostname);
    let answer = '';
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')));
    socket.on('error', () => undefined);
    for (const part of parts) socket.write(part);
    await once(socket, 'close');
    return answer;
  }

  /** A file of a registry. @param path below the folder of all registries */
  async publish(path: string, content: string | Buffer): Promise<void> {
    const file = join(this.home, 'registry', path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }

  async stop(): Promise<void> {
    await this.server?.stop();
    await this.database?.onApplicationShutdown();
    this.server = undefined;
    this.database = undefined;
  }
}
