import { createConnection, type Socket } from 'node:net';
import type { AuditedChange } from '@fatbuildr/access';

/**
 * The way to the console of a task, opened when something is sent there; the task may have no console by
 * then. What one caller sends is one change of the trail, from the first message to the end.
 */
export class ConsoleInput {
  private socket: Socket | undefined;
  private change: AuditedChange | undefined;
  /** Messages go in the order they came, none before the record. */
  private last: Promise<void> = Promise.resolve();

  /**
   * @param path of the console's socket
   * @param task id, for the trail
   * @param begin records that the caller changes something
   */
  constructor(
    private readonly path: string,
    private readonly task: string,
    private readonly begin: () => Promise<AuditedChange>,
  ) {}

  /** Rejects when the change cannot be recorded; then nothing is sent, now and later. */
  write(bytes: Buffer): Promise<void> {
    this.last = this.last.then(async () => {
      this.change ??= await this.begin();
      this.connection().write(bytes);
    });
    return this.last;
  }

  async close(): Promise<void> {
    await this.last.catch(() => undefined);
    // What was sent last still arrives.
    this.socket?.end();
    await this.change?.done({ task: this.task });
  }

  private connection(): Socket {
    if (this.socket === undefined || this.socket.destroyed) {
      this.socket = createConnection(this.path);
      // What is typed after the end of a task goes nowhere, as on a terminal.
      this.socket.on('error', () => undefined);
      // It repeats the journal, which we have from its file.
      this.socket.resume();
    }
    return this.socket;
  }
}
