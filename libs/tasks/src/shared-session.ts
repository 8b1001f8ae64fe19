import { EventEmitter, once } from 'node:events';
import type { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { formatInterval } from '@fatbuildr/config';
import { JournalDecoder, type JournalMessage, type WindowSize } from '@fatbuildr/protocol';
import type { JournalFile } from './journal-file';
import type { ConsoleSession } from './task-console.port';
import { abandoned } from './tasks.errors';

/** A client that holds back more than this of one message is no client of ours. */
const LARGEST_MESSAGE = 1024 * 1024;

/** What ends the input of a program on a terminal: Ctrl-D (VEOF of termios(3)). */
const END_OF_INPUT = '\x04';

/**
 * One session that several clients share: all see its output in the journal, and whatever any of them types
 * goes in. Whoever has typed, or told the size of a window, is somebody at a terminal until the connection ends.
 */
export class SharedSession implements ConsoleSession {
  readonly input = new PassThrough();
  readonly output: (chunk: Buffer) => void;
  readonly signal: AbortSignal;
  private readonly sockets = new Set<Socket>();
  private readonly present = new Set<Socket>();
  private readonly sizes = new Map<Socket, WindowSize>();
  private readonly events = new EventEmitter();
  private readonly abandonment = new AbortController();
  private size: WindowSize | undefined;
  private timer: NodeJS.Timeout | undefined;
  private ended = false;

  constructor(
    private readonly kind: 'terminal' | 'pipe',
    journal: JournalFile,
    signal: AbortSignal,
    private readonly grace: number | undefined,
  ) {
    this.output = (chunk) => journal.output(chunk);
    this.signal = AbortSignal.any([signal, this.abandonment.signal]);
    this.input.on('drain', () => this.sockets.forEach((socket) => socket.resume()));
    this.awaitSomebody();
  }

  get terminal(): ConsoleSession['terminal'] {
    if (this.kind === 'pipe') return undefined;
    return {
      size: this.size,
      onResize: (listener) => void this.events.on('resize', listener),
    };
  }

  /** Resolves when the first one is at a terminal; rejects when nobody comes in time. */
  async attended(): Promise<void> {
    this.signal.throwIfAborted();
    if (this.present.size > 0) return;
    const came = once(this.events, 'came', { signal: this.signal });
    await came.catch((fault: unknown) => {
      throw this.signal.aborted ? this.signal.reason : fault;
    });
  }

  join(socket: Socket): void {
    const decoder = new JournalDecoder();
    this.sockets.add(socket);
    socket.on('data', (chunk: Buffer) => {
      for (const message of decoder.push(chunk)) this.take(socket, message);
      if (decoder.heldBytes > LARGEST_MESSAGE) socket.destroy();
    });
    socket.once('end', () => this.leave(socket));
    socket.once('close', () => this.leave(socket));
  }

  /** From here on nothing that is typed goes anywhere. */
  end(): void {
    this.ended = true;
    clearTimeout(this.timer);
    this.input.destroy();
    for (const socket of this.sockets) socket.resume();
  }

  private take(socket: Socket, message: JournalMessage): void {
    if (this.ended) return;
    if (message.command === 'window-size') {
      const { rows, columns } = message;
      // Some terminals do not know.
      if (rows > 0 && columns > 0) this.sizes.set(socket, { rows, columns });
      this.measure();
    } else if (message.command !== 'output') return;
    clearTimeout(this.timer);
    this.present.add(socket);
    this.events.emit('came');
    if (message.command === 'output') this.type(message.data);
  }

  private type(data: Buffer): void {
    if (this.input.writableEnded) return;
    const more = data.length > 0 ? this.input.write(data) : this.endInput();
    if (!more) this.sockets.forEach((socket) => socket.pause());
  }

  private endInput(): boolean {
    if (this.kind === 'terminal') return this.input.write(END_OF_INPUT);
    this.input.end();
    return true;
  }

  private leave(socket: Socket): void {
    this.sockets.delete(socket);
    if (this.sizes.delete(socket)) this.measure();
    if (this.present.delete(socket) && this.present.size === 0) this.awaitSomebody();
  }

  /** The largest window that fits into all of them; the last one stays when nobody is left. */
  private measure(): void {
    const sizes = [...this.sizes.values()];
    if (sizes.length === 0) return;
    const size = {
      rows: Math.min(...sizes.map(({ rows }) => rows)),
      columns: Math.min(...sizes.map(({ columns }) => columns)),
    };
    if (size.rows === this.size?.rows && size.columns === this.size.columns) return;
    this.size = size;
    this.events.emit('resize', size);
  }

  private awaitSomebody(): void {
    const { grace } = this;
    if (this.ended || grace === undefined) return;
    this.timer = setTimeout(() => {
      if (this.kind === 'pipe') this.input.end();
      else this.abandonment.abort(abandoned(formatInterval(grace)));
    }, grace);
  }
}
