import { FatbuildrError, messageOf } from '@fatbuildr/errors';
import { Redis } from 'ioredis';

/** Milliseconds the server gets to accept the connection. */
const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Asks the Redis of `[queue] redis` for a sign of life: queues would wait for it for ever, and silently.
 *
 * @throws FatbuildrError `TASKS.REDIS_UNREACHABLE` with its address, but not the password in it
 */
export async function requireRedis(url: string): Promise<void> {
  const redis = new Redis(url, {
    lazyConnect: true,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    connectTimeout: CONNECT_TIMEOUT_MS,
  });
  let reason: string | undefined;
  // The first fault says why; the connection's own only that it is closed.
  redis.on('error', (fault) => (reason ??= messageOf(fault)));
  try {
    await redis.connect();
    await redis.ping();
  } catch (fault) {
    const place = new URL(url).host;
    throw new FatbuildrError(
      'TASKS.REDIS_UNREACHABLE',
      `the Redis server at ${place} cannot be used: ${reason ?? messageOf(fault)}; start it, or correct [queue] redis`,
      { place },
      { cause: fault },
    );
  } finally {
    redis.disconnect();
  }
}
