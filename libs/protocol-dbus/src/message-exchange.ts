import type { EventEmitter } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import type { Message, MessageBus } from 'dbus-next';
import { connectionStream } from './connection-stream';
import { decodeMessage, encodeMessage, HEADER_BYTES, messageLength } from './message-codec';

/** What is below a bus of dbus-next, whose declarations do not show it. */
interface Connection extends EventEmitter {
  stream: Readable & Writable;
  message: (message: Message) => void;
}

/**
 * Lets a bus that has just been opened write and read its messages by our codec: that of dbus-next takes
 * over a second for a listing of ten thousand artifacts. Connecting and all above messages remain its own.
 */
export function exchangeMessages(bus: MessageBus): void {
  const connection = (bus as unknown as { _connection: Connection })._connection;
  const stream = connectionStream(bus) as Connection['stream'];
  connection.once('connect', () => {
    // By now dbus-next has set its writer; its reader follows in the same turn, before any message is read.
    connection.message = (message) => {
      if (!stream.writable) throw new Error('the connection to the bus is closed');
      stream.write(encodeMessage(message));
    };
    process.nextTick(() => {
      stream.removeAllListeners('readable');
      readMessages(stream, connection);
    });
  });
}

function readMessages(stream: Readable, connection: EventEmitter): void {
  let header: Buffer | undefined;
  const read = () => {
    for (;;) {
      header ??= (stream.read(HEADER_BYTES) as Buffer | null) ?? undefined;
      if (header === undefined) return;
      const length = messageLength(header);
      const rest = stream.read(length - HEADER_BYTES) as Buffer | null;
      if (rest === null) return;
      const bytes = Buffer.concat([header, rest], length);
      header = undefined;
      deliver(bytes, connection);
    }
  };
  stream.on('readable', read);
}

function deliver(bytes: Buffer, connection: EventEmitter): void {
  let message: Message;
  try {
    message = decodeMessage(bytes);
  } catch (fault) {
    connection.emit('error', fault);
    return;
  }
  connection.emit('message', message);
}
