import type { Configuration } from '@fatbuildr/config';
import { queueOptions } from '@fatbuildr/tasks';
import type { QueueOptions } from 'bullmq';

/** Milliseconds a command may take: somebody waits for the answer. */
const COMMAND_LIMIT_MS = 5_000;
/** Milliseconds between attempts: a daemon that was just woken brings its Redis along. */
const RECONNECT_MS = 500;

/** How the web server reaches the queues, which may be away for long while it only reads. */
export function webQueueOptions(configuration: Configuration): QueueOptions {
  const options = queueOptions(configuration);
  return {
    ...options,
    connection: {
      ...options.connection,
      commandTimeout: COMMAND_LIMIT_MS,
      retryStrategy: () => RECONNECT_MS,
    },
  };
}

/** Whether a fault is that of a queue that went away; such faults have no class of their own. */
export function isQueueFault(fault: unknown): boolean {
  return fault instanceof Error && /^(Command timed out|Connection is closed)/.test(fault.message);
}
