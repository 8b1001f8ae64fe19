import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { socketRelease } from './socket-release';

describe('socketRelease', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fatbuildr-socket-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('waits for the one who listens to end', async () => {
    const path = join(folder, 'socket');
    const server = createServer((socket) => socket.destroy());
    server.listen(path);
    await once(server, 'listening');
    await expect(socketRelease(path, 0)).rejects.toMatchObject({ code: 'PROCESS.SOCKET_TAKEN' });
    const released = socketRelease(path);
    server.close();
    await expect(released).resolves.toBeUndefined();
  });

  it('does not wait for a socket that nobody has', async () => {
    await expect(socketRelease(join(folder, 'none'), 0)).resolves.toBeUndefined();
  });
});
