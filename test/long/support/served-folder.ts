import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join, normalize } from 'node:path';

/** A folder as the mirror of a distribution. */
export class ServedFolder {
  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(folder: string): Promise<ServedFolder> {
    const server = createServer((request, response) => {
      const path = join(folder, normalize(decodeURIComponent(request.url ?? '/')));
      stat(path).then(
        ({ size }) => {
          response.writeHead(200, { 'content-length': size });
          createReadStream(path).pipe(response);
        },
        () => response.writeHead(404).end(),
      );
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new ServedFolder(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }
}
