import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Configuration } from '@fatbuildr/config';
import type { QueueOptions } from 'bullmq';

/** Where the Redis that the daemon runs itself listens. */
export const privateRedisSocket = ({ run }: Pick<Configuration['dirs'], 'run'>): string =>
  join(run, 'redis.sock');

/** How every program of an installation reaches the Redis of its queues. */
export function queueOptions({ dirs, queue }: Pick<Configuration, 'dirs' | 'queue'>): QueueOptions {
  // Workers block on Redis and must wait out its restarts (BullMQ asks for null).
  const shared = { maxRetriesPerRequest: null };
  if (queue.redis === undefined)
    return { connection: { path: privateRedisSocket(dirs), ...shared } };
  // Another installation on the same server must not get our tasks, nor empty our queues at its start.
  const home = createHash('sha256').update(dirs.state).digest('hex').slice(0, 16);
  return { connection: { url: queue.redis, ...shared }, prefix: `fatbuildr-${home}` };
}
