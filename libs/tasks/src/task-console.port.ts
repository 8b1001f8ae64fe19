import type { Readable } from 'node:stream';
import type { WindowSize } from '@fatbuildr/protocol';

/** The part of a task in which people type; fits the options of a command in a container. */
export interface ConsoleSession {
  /** What they type, or pipe into it. */
  readonly input: Readable;
  /** For the journal, and so for everybody who watches. */
  readonly output: (chunk: Buffer) => void;
  /** The window in which all terminals can show everything; a pipe has none. */
  readonly terminal?: {
    readonly size: WindowSize | undefined;
    onResize(listener: (size: WindowSize) => void): void;
  };
  /** Fires when the task is told to end, or when nobody is left at a terminal. */
  readonly signal: AbortSignal;
}

/** Where people get into a task. */
export interface TaskConsole {
  /**
   * Lets people type while the work goes on, once in a task. A `terminal` waits for the first of them, and
   * ends when none is left for the time `[tasks] terminal_grace`; the input of a `pipe` ends then.
   *
   * @throws FatbuildrError `TASKS.ABANDONED`
   */
  open<T>(kind: 'terminal' | 'pipe', work: (session: ConsoleSession) => Promise<T>): Promise<T>;
}
