import { mkdir, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { FatbuildrError } from '@fatbuildr/errors';
import { socketRelease, start, type StartedProcess } from '@fatbuildr/processes';

/** How long a server may take to answer: it reads its whole append-only file first. */
const START_TIMEOUT_MS = 30_000;

/** The daemon's own `redis-server`, reachable by a Unix socket only. */
export class PrivateRedis {
  private constructor(
    readonly socket: string,
    private readonly server: StartedProcess,
  ) {}

  /**
   * @param folder keeps the append-only file and the log
   * @param socket path of the Unix socket
   */
  static async start(folder: string, socket: string): Promise<PrivateRedis> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    // Two servers on one append-only file would damage it.
    await socketRelease(socket);
    await rm(socket, { force: true });
    const log = join(folder, 'redis.log');
    const server = start([
      'redis-server',
      ...['--port', '0', '--unixsocket', socket, '--unixsocketperm', '600'],
      ...['--dir', folder, '--appendonly', 'yes', '--save', ''],
      ...['--maxmemory-policy', 'noeviction', '--logfile', log],
    ]);
    const redis = new PrivateRedis(socket, server);
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (!(await answers(socket))) {
      if (
        server.child.exitCode !== null ||
        server.child.signalCode !== null ||
        server.child.pid === undefined ||
        Date.now() > deadline
      ) {
        await server.stop();
        throw new FatbuildrError(
          'TASKS.REDIS_START',
          `redis-server does not start under ${folder}: ${await lastLine(log)}`,
          { folder },
        );
      }
      await delay(5);
    }
    return redis;
  }

  /** Resolves when the server has ended. */
  get gone(): Promise<void> {
    return this.server.gone;
  }

  stop(): Promise<void> {
    return this.server.stop();
  }
}

function answers(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const client = connect(socket, () => client.write('PING\r\n'));
    const end = (answer: boolean) => {
      client.destroy();
      resolve(answer);
    };
    client.once('data', (data) => end(data.toString('latin1').startsWith('+PONG')));
    client.once('error', () => end(false));
    client.once('close', () => end(false));
  });
}

async function lastLine(log: string): Promise<string> {
  const text = await readFile(log, 'utf8').catch(() => 'is it installed?');
  return text.trim().split('\n').at(-1) ?? '';
}
