import type { EventEmitter } from 'node:events';
import type { MessageBus } from 'dbus-next';

/**
 * The stream below a connection, for its event `close`: dbus-next does not tell when the other end closes,
 * and calls in flight would wait for ever.
 */
export function connectionStream(connection: MessageBus): EventEmitter {
  return (connection as unknown as { _connection: { stream: EventEmitter } })._connection.stream;
}
