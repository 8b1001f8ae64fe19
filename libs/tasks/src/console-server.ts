import { unlink } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { JournalFile } from './journal-file';

/** Serves the journal of one running task on its console socket: every client gets it from the start. */
export class ConsoleServer {
  private readonly clients = new Map<Socket, Promise<void>>();

  private constructor(
    private readonly server: Server,
    private readonly path: string,
  ) {}

  static async listen(path: string, journal: JournalFile): Promise<ConsoleServer> {
    const server = createServer();
    const console = new ConsoleServer(server, path);
    // Before it listens: a connection that finds no listener would stay open and silent.
    server.on('connection', (socket) => console.serve(socket, journal));
    // Who reaches the workspace may follow its task; connecting takes the right to write.
    server.listen({ path, readableAll: true, writableAll: true });
    await once(server, 'listening');
    // A connection that cannot be accepted, for want of descriptors, must not end the daemon.
    server.on('error', () => undefined);
    return console;
  }

  private serve(socket: Socket, journal: JournalFile): void {
    // A client that leaves is no fault of the task.
    const served = pipeline(Readable.from(journal.follow()), socket).catch(() => undefined);
    this.clients.set(socket, served);
    void served.then(() => this.clients.delete(socket));
    socket.resume();
  }

  /** Call after the journal is closed: lets clients read to its end for up to `graceMs`, then cuts them off. */
  async close(graceMs = 2000): Promise<void> {
    this.server.close();
    const grace = new Promise<void>((resolve) => setTimeout(resolve, graceMs).unref());
    await Promise.race([Promise.all(this.clients.values()), grace]);
    for (const socket of this.clients.keys()) socket.destroy();
    await unlink(this.path).catch(() => undefined);
  }
}
