import { createReadStream, watch as watchFolder } from 'node:fs';
import { createConnection } from 'node:net';
import type { Readable } from 'node:stream';
import {
  closesTask,
  encodeJournalMessage,
  JournalDecoder,
  type JournalMessage,
  type TaskDescription,
  type TaskPerson,
  type TaskState,
  type TypedMessage,
} from '@fatbuildr/protocol';
import { journalIncomplete, journalUnreadable } from './dbus-client.errors';

/** What the stream of a task needs to know from the daemon. */
export interface TaskObserver {
  /** The state now. */
  state(): Promise<TaskState>;
  /** Resolves when the daemon announces another state, rejects when the daemon is gone or `signal` fires. */
  stateChange(): Promise<void>;
}

/** Nobody listens on the console of a task that is pending, finished, or about to open it. */
const NO_CONSOLE: ReadonlySet<string | undefined> = new Set(['ENOENT', 'ECONNREFUSED', 'EACCES']);

/**
 * The journal of a task from its start to the record that closes it: from its console while it runs, else
 * from its file. Waits for events only: an announcement of the daemon or a change in the workspace.
 */
export async function* taskStream(
  task: TaskDescription,
  observer: TaskObserver,
  signal?: AbortSignal,
  person?: TaskPerson,
): AsyncGenerator<JournalMessage> {
  // Both sources carry the same messages from the start: what was handed on is skipped in the next one.
  let seen = 0;
  const workspace = new FolderEvents(task.place);
  try {
    for (;;) {
      // Armed before the questions below: what happens in between wakes the loop.
      const change = Promise.race([observer.stateChange(), workspace.next()]);
      change.catch(() => undefined);
      const state = await observer.state();
      workspace.open();
      for (const source of SOURCES[state]) {
        let position = 0;
        for await (const message of decoded(source(task, signal, person))) {
          position += 1;
          if (position <= seen) continue;
          seen = position;
          yield message;
          if (closesTask(message)) return;
        }
        signal?.throwIfAborted();
      }
      if (state === 'finished') throw journalIncomplete(task.id, task.io.journal.path);
      await change;
      signal?.throwIfAborted();
    }
  } finally {
    workspace.close();
  }
}

/**
 * Where to look in each state, until the last record is found. A task is recorded as finished just before
 * its journal gets the last record: then the console is still open, or the file complete when it is not.
 */
const SOURCES = {
  pending: [],
  running: [consoleBytes, journalBytes],
  finished: [journalBytes, consoleBytes, journalBytes],
} as const;

async function* decoded(bytes: AsyncIterable<Buffer>): AsyncGenerator<JournalMessage> {
  const decoder = new JournalDecoder();
  for await (const chunk of bytes) yield* decoder.push(chunk);
}

async function* consoleBytes(
  task: TaskDescription,
  signal?: AbortSignal,
  person?: TaskPerson,
): AsyncGenerator<Buffer> {
  const socket = createConnection(task.io.console);
  const send = (message: TypedMessage) =>
    new Promise<void>((resolve) => {
      socket.write(encodeJournalMessage(message), () => resolve());
    });
  let there: TaskPerson | undefined;
  socket.once('connect', () => {
    if (task.io.interactive) there = person;
    there?.connected(send);
  });
  try {
    yield* abortable(socket, signal);
  } catch (fault) {
    const { code } = fault as NodeJS.ErrnoException;
    // The daemon's end breaks the console; what it left is in the file.
    if (!NO_CONSOLE.has(code) && code !== 'ECONNRESET' && code !== 'EPIPE') throw fault;
  } finally {
    there?.disconnected();
  }
}

async function* journalBytes(task: TaskDescription, signal?: AbortSignal): AsyncGenerator<Buffer> {
  const { path } = task.io.journal;
  try {
    yield* abortable(createReadStream(path), signal);
  } catch (fault) {
    if (signal?.aborted) throw fault;
    // Absent for an instant between the announcement "running" and the first record.
    if ((fault as NodeJS.ErrnoException).code !== 'ENOENT') {
      throw journalUnreadable(task.id, path, fault);
    }
  }
}

async function* abortable(stream: Readable, signal?: AbortSignal): AsyncGenerator<Buffer> {
  const abort = () => stream.destroy(signal?.reason as Error);
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort, { once: true });
  try {
    yield* stream as AsyncIterable<Buffer>;
  } finally {
    signal?.removeEventListener('abort', abort);
    stream.destroy();
  }
}

/** Changes in a folder, which may not be there yet or not be ours to look at: then there are none. */
class FolderEvents {
  private watcher: ReturnType<typeof watchFolder> | undefined;
  private wake: () => void = () => undefined;

  constructor(private readonly folder: string) {}

  open(): void {
    if (this.watcher) return;
    try {
      this.watcher = watchFolder(this.folder, { persistent: false }, () => this.wake());
      this.watcher.on('error', () => this.close());
    } catch {
      // The daemon's announcements suffice.
    }
  }

  next(): Promise<void> {
    return new Promise((resolve) => (this.wake = resolve));
  }

  close(): void {
    this.watcher?.close();
    this.watcher = undefined;
  }
}
