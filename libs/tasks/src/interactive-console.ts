import type { Socket } from 'node:net';
import type { JournalFile } from './journal-file';
import { SharedSession } from './shared-session';
import type { ConsoleSession, TaskConsole } from './task-console.port';

/** The clients on the console of a running task that people may type into. */
export class InteractiveConsole implements TaskConsole {
  /** Clients nobody listens to yet: what they send stays with the kernel until somebody does. */
  private readonly waiting = new Set<Socket>();
  private session: SharedSession | undefined;
  private over = false;

  /** @param grace milliseconds a session goes on without anybody; `undefined`: for ever */
  constructor(
    private readonly journal: JournalFile,
    private readonly signal: AbortSignal,
    private readonly grace: number | undefined,
  ) {}

  attach(socket: Socket): void {
    if (this.over) socket.resume();
    else if (this.session) this.session.join(socket);
    else {
      this.waiting.add(socket);
      socket.once('close', () => this.waiting.delete(socket));
    }
  }

  async open<T>(
    kind: 'terminal' | 'pipe',
    work: (session: ConsoleSession) => Promise<T>,
  ): Promise<T> {
    const session = new SharedSession(kind, this.journal, this.signal, this.grace);
    this.session = session;
    // Clients switch their terminals, and tell the size of their windows, when they read this.
    if (kind === 'terminal') this.journal.raw(true);
    for (const socket of this.waiting) session.join(socket);
    this.waiting.clear();
    try {
      if (kind === 'terminal') await session.attended();
      return await work(session);
    } finally {
      this.over = true;
      session.end();
      if (kind === 'terminal') this.journal.raw(false);
    }
  }
}
