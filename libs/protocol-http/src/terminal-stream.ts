import { once } from 'node:events';
import { createWebSocketStream, WebSocket } from 'ws';
import {
  closesTask,
  encodeJournalMessage,
  JournalDecoder,
  type JournalMessage,
  type TaskPerson,
  type TypedMessage,
} from '@fatbuildr/protocol';
import { FatbuildrError } from '@fatbuildr/errors';

/**
 * The journal of an interactive task from its start, with somebody at its console. A connection that is lost
 * is not made again: what was typed meanwhile would be lost unnoticed.
 *
 * @param open begins the connection
 * @throws FatbuildrError for a refusal of the server
 * @param lost what is thrown when it ends without the record that closes a task
 */
export async function* terminalStream(
  open: () => WebSocket,
  lost: () => FatbuildrError,
  person: TaskPerson,
  signal?: AbortSignal,
): AsyncGenerator<JournalMessage> {
  signal?.throwIfAborted();
  const socket = open();
  const stop = () => socket.terminate();
  signal?.addEventListener('abort', stop, { once: true });
  const send = (message: TypedMessage) =>
    new Promise<void>((resolve) => {
      if (socket.readyState !== WebSocket.OPEN) return resolve();
      socket.send(encodeJournalMessage(message), () => resolve());
    });
  let there: TaskPerson | undefined;
  const stream = createWebSocketStream(socket);
  try {
    await once(socket, 'open');
    const decoder = new JournalDecoder();
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      for (const message of decoder.push(chunk)) {
        yield message;
        if (closesTask(message)) return;
      }
      // The console is there as soon as the task says something.
      if (there === undefined) (there = person).connected(send);
    }
  } catch (fault) {
    if (fault instanceof FatbuildrError) throw fault;
    // Else the reason is that of the signal, or the connection, which the next line tells.
  } finally {
    there?.disconnected();
    signal?.removeEventListener('abort', stop);
    stream.destroy();
    socket.terminate();
  }
  signal?.throwIfAborted();
  throw lost();
}
