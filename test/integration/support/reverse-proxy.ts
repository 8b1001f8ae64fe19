import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const EXAMPLES = resolve(__dirname, '../../../packaging/proxy');
const APACHE_MODULES = ['mpm_event', 'authz_core', 'alias', 'headers', 'proxy', 'proxy_http'];

/** How a proxy is started with one of our example configurations in it. */
const KINDS = {
  nginx: (folder: string, example: string) => ({
    argv: ['nginx', '-c', join(folder, 'main.conf'), '-p', folder, '-e', join(folder, 'error.log')],
    configuration: [
      'daemon off; master_process off; pid nginx.pid; events {}',
      'http { access_log off;',
      ...['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
        (what) => `${what}_temp_path ${what};`,
      ),
      `${example} }`,
    ],
  }),
  apache: (folder: string, example: string, port: number) => ({
    argv: ['apache2', '-D', 'FOREGROUND', '-f', join(folder, 'main.conf')],
    configuration: [
      ...APACHE_MODULES.map(
        (name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`,
      ),
      `ServerRoot ${folder}`,
      `DefaultRuntimeDir ${folder}`,
      `PidFile ${folder}/apache.pid`,
      `ErrorLog ${folder}/error.log`,
      `Listen 127.0.0.1:${port}`,
      // Apache takes this account for its children when root starts it.
      'User www-data',
      'Group www-data',
      example,
    ],
  }),
};

export type ProxyKind = keyof typeof KINDS;

/** A real proxy, with the example configuration that we ship for it. */
export class ReverseProxy {
  private constructor(
    private readonly program: ChildProcess,
    private readonly folder: string,
    /** Without the prefix. */
    readonly url: string,
  ) {}

  /** @param server port of the server that the proxy hands requests on to */
  static async start(kind: ProxyKind, server: string): Promise<ReverseProxy> {
    const folder = mkdtempSync(join(tmpdir(), 'fatbuildr-proxy-'));
    const port = await freePort();
    const example = readFileSync(join(EXAMPLES, `${kind}.conf`), 'utf8')
      .replaceAll('127.0.0.1:5000', `127.0.0.1:${server}`)
      .replace('listen 80;', `listen 127.0.0.1:${port};`)
      .replace('<VirtualHost *:80>', `<VirtualHost *:${port}>`);
    const { argv, configuration } = KINDS[kind](folder, example, port);
    await writeFile(join(folder, 'main.conf'), `${configuration.join('\n')}\n`);
    const [name = '', ...args] = argv;
    const program = spawn(name, args, {
      env: { ...process.env, PATH: `${process.env.PATH}:/usr/local/sbin:/usr/sbin:/sbin` },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    program.stderr.on('data', (text: Buffer) => (said += text.toString()));
    program.once('error', (fault) => (said += fault.message));
    while (!(await answers(port))) {
      if (program.exitCode === null && program.pid !== undefined) continue;
      const log = await readFile(join(folder, 'error.log'), 'utf8').catch(() => '');
      throw new Error(`${kind} did not start: ${said}${log}`);
    }
    return new ReverseProxy(program, folder, `http://127.0.0.1:${port}`);
  }

  async stop(): Promise<void> {
    if (this.program.exitCode === null && this.program.kill()) await once(this.program, 'exit');
    await rm(this.folder, { recursive: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolved) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolved(true);
    });
    socket.on('error', () => setImmediate(resolved, false));
  });
}
