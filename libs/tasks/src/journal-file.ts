import { EventEmitter, once } from 'node:events';
import { closeSync, createReadStream, existsSync, openSync, writeSync } from 'node:fs';
import { open, truncate } from 'node:fs/promises';
import {
  closesTask,
  encodeJournalMessage,
  JournalDecoder,
  LogLevel,
  planRecord,
  stepBeginRecord,
  stepDoneRecord,
  stepFailedRecord,
  type JournalMessage,
  type LogLevelName,
} from '@fatbuildr/protocol';
import { messageOf } from '@fatbuildr/errors';
import type { StepRecord } from './tasks.entity';
import type { TaskJournal } from './task-journal.port';
import { stepFailed } from './tasks.errors';

const READ_BYTES = 256 * 1024;
/** Longest payload of a record of output: readers hold a record until it is whole. */
const OUTPUT_BYTES = 64 * 1024;

/**
 * The journal of a running task. Each message is written to the file at once, so what a reader sees is
 * what a crash leaves; readers follow the file itself, each at its own pace, and memory stays flat
 * whatever a build prints.
 */
export class JournalFile implements TaskJournal {
  steps: StepRecord[] = [];
  private readonly events = new EventEmitter().setMaxListeners(0);
  private readonly descriptor: number;
  private closed = false;
  /** The first fault of the disk: output handlers cannot throw, the next step does. */
  private fault: Error | undefined;
  /** What the disk did not take of the message it failed at. */
  private rest: Buffer = Buffer.alloc(0);

  /**
   * @param signal once it fires, no further step begins
   * @param changed called when a step is planned or begins
   */
  constructor(
    readonly path: string,
    private readonly signal?: AbortSignal,
    private readonly changed: () => void = () => undefined,
  ) {
    this.descriptor = openSync(path, 'a', 0o644);
  }

  log(level: LogLevelName, message: string): void {
    this.write({ command: 'log', level: LogLevel[level], message });
  }

  output(data: Buffer): void {
    for (let at = 0; at < data.length; at += OUTPUT_BYTES) {
      this.write({ command: 'output', data: data.subarray(at, at + OUTPUT_BYTES) });
    }
  }

  plan(steps: readonly string[]): void {
    const coming = steps.map((name) => ({ name, started: null, duration: null }));
    this.steps = [...begun(this.steps), ...coming];
    this.log('debug', planRecord(this.steps.map(({ name }) => name)));
    this.changed();
  }

  async step<T>(name: string, work: () => Promise<T>): Promise<T> {
    this.signal?.throwIfAborted();
    this.log('info', stepBeginRecord(name));
    const step = this.begin(name);
    const start = performance.now();
    const end = () => (step.duration = Math.round(performance.now() - start));
    try {
      const result = await work();
      if (this.fault !== undefined) throw this.fault;
      this.log('info', stepDoneRecord(name, end()));
      return result;
    } catch (fault) {
      this.log('error', stepFailedRecord(name, end(), messageOf(fault)));
      throw stepFailed(name, fault instanceof Error ? fault : new Error(String(fault)));
    }
  }

  /** Writes the record that ends the task; nothing can be written after it. */
  close(failure?: string): void {
    // A disk that was full may have room again: the torn message gets its rest, then comes the end.
    this.fault = undefined;
    if (failure === undefined) this.log('info', 'Task succeeded');
    else this.log('error', `Task failed: ${failure}`);
    this.closed = true;
    closeSync(this.descriptor);
    this.events.emit('written');
  }

  /** All bytes from the start of the journal to its last record, as they get written. */
  async *follow(): AsyncGenerator<Buffer> {
    const file = await open(this.path, 'r');
    try {
      const buffer = Buffer.alloc(READ_BYTES);
      for (;;) {
        // Asked before reading: a message written in between is read, or announced afterwards.
        const last = this.closed;
        const written = last ? undefined : once(this.events, 'written');
        for (;;) {
          const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
          if (bytesRead === 0) break;
          yield Buffer.from(buffer.subarray(0, bytesRead));
        }
        if (last) return;
        await written;
      }
    } finally {
      await file.close();
    }
  }

  private begin(name: string): StepRecord {
    let step = this.steps.find((one) => one.started === null && one.name === name);
    if (step === undefined) {
      step = { name, started: null, duration: null };
      this.steps = [...begun(this.steps), step, ...this.steps.filter(isComing)];
    }
    step.started = Date.now();
    this.changed();
    return step;
  }

  private write(message: JournalMessage): void {
    if (this.closed || this.fault !== undefined) return;
    this.rest = Buffer.concat([this.rest, encodeJournalMessage(message)]);
    try {
      while (this.rest.length > 0) {
        this.rest = this.rest.subarray(writeSync(this.descriptor, this.rest));
      }
    } catch (fault) {
      this.fault = fault as Error;
    }
    this.events.emit('written');
  }
}

const isComing = ({ started }: StepRecord) => started === null;

/** Without the steps that were only planned. */
export const begun = (steps: readonly StepRecord[]) => steps.filter((step) => !isComing(step));

/** Gives the journal of a task whose daemon died its last record, once; a torn message is cut off first. */
export async function closeAbandonedJournal(path: string, reason: string): Promise<void> {
  const decoder = new JournalDecoder();
  if (existsSync(path)) {
    let bytes = 0;
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (decoder.push(chunk).some(closesTask)) return;
    }
    await truncate(path, bytes - decoder.heldBytes);
  }
  new JournalFile(path).close(reason);
}
