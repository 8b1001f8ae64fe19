import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { FatbuildrError } from '@fatbuildr/errors';

/**
 * Waits until nobody listens on a Unix socket any more. The servers of a killed daemon end a moment after
 * it and remove their socket as they go, which would take the path from under their successor.
 *
 * @param timeoutMs milliseconds
 * @throws FatbuildrError `PROCESS.SOCKET_TAKEN` when somebody still listens after that time
 */
export async function socketRelease(path: string, timeoutMs = 10_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (await listens(path)) {
    if (Date.now() > deadline) {
      throw new FatbuildrError(
        'PROCESS.SOCKET_TAKEN',
        `another process listens on ${path}, stop it first`,
        { path },
      );
    }
    await delay(20);
  }
}

function listens(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const client = connect(path);
    const end = (answer: boolean) => {
      client.destroy();
      resolve(answer);
    };
    client.once('connect', () => end(true));
    // A full backlog (EAGAIN) is a listener, too.
    client.once('error', ({ code }: NodeJS.ErrnoException) => end(code === 'EAGAIN'));
  });
}
