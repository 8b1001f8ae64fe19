import { EventEmitter, once } from 'node:events';
import { closeSync, createReadStream, existsSync, openSync, writeSync } from 'node:fs';
import { open, truncate } from 'node:fs/promises';
import { dirname } from 'node:path';
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
import { messageOf, withPlace } from '@fatbuildr/errors';
import type { StepRecord } from './tasks.entity';
import type { TaskJournal } from './task-journal.port';
import { stepFailed } from './tasks.errors';

const READ_BYTES = 256 * 1024;
/** Longest payload of a record of output: readers hold a record until it is whole. */
const OUTPUT_BYTES = 64 * 1024;

/**
 * Milliseconds in which output that follows output is gathered. A compiler prints hundreds of scraps a
 * second, and each would be written, announced, read and sent on by itself, to every reader.
 */
const GATHERED_MS = 50;

/**
 * The journal of a running task. Readers follow the file itself, each at its own pace: what a reader sees
 * is what a crash leaves, and memory stays flat whatever a build prints. Every message is written at once
 * but output that comes on the heels of output, which waits for {@link GATHERED_MS}.
 */
export class JournalFile implements TaskJournal {
  steps: StepRecord[] = [];
  private readonly events = new EventEmitter().setMaxListeners(0);
  private readonly descriptor: number;
  private closed = false;
  /** The first fault of the disk: output handlers cannot throw, the next step does. */
  private fault: Error | undefined;
  /** Bytes of output that are still kept. */
  private room: number;
  /** What the disk did not take of the message it failed at. */
  private rest: Buffer = Buffer.alloc(0);
  /** Output that is not written yet, while a timer runs that will. */
  private gathered: Buffer[] = [];
  private gatheredBytes = 0;
  private gathering: NodeJS.Timeout | undefined;

  /**
   * @param signal once it fires, no further step begins
   * @param changed called when a step is planned or begins
   * @param maxOutput bytes of output that are kept; what comes after them is dropped, and told once
   */
  constructor(
    readonly path: string,
    private readonly signal?: AbortSignal,
    private readonly changed: () => void = () => undefined,
    private readonly maxOutput = Infinity,
  ) {
    this.room = maxOutput;
    this.descriptor = openSync(path, 'a', 0o644);
  }

  log(level: LogLevelName, message: string): void {
    this.write({ command: 'log', level: LogLevel[level], message });
  }

  output(data: Buffer): void {
    if (this.closed || this.room < 0) return;
    const kept = data.subarray(0, this.room);
    this.gathered.push(kept);
    this.gatheredBytes += kept.length;
    this.room -= data.length;
    if (this.gathering === undefined) this.release();
    else if (this.gatheredBytes >= OUTPUT_BYTES) this.flush();
    if (this.room >= 0) return;
    this.log(
      'warning',
      `The task prints more than the ${this.maxOutput} bytes that [tasks] max_output allows, the rest is dropped`,
    );
  }

  /** Marks where terminals hand over every key as it is typed, and where they no longer do. */
  raw(on: boolean): void {
    this.write({ command: on ? 'raw-on' : 'raw-off' });
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
    } catch (thrown) {
      const fault = withPlace(thrown, dirname(this.path));
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
    clearTimeout(this.gathering);
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

  /** Writes what is gathered, and gathers what comes right after it. */
  private release = (): void => {
    this.gathering = this.gatheredBytes > 0 ? setTimeout(this.release, GATHERED_MS) : undefined;
    this.flush();
  };

  private flush(): void {
    const output = Buffer.concat(this.gathered.splice(0));
    this.gatheredBytes = 0;
    for (let at = 0; at < output.length; at += OUTPUT_BYTES) {
      this.append({ command: 'output', data: output.subarray(at, at + OUTPUT_BYTES) });
    }
  }

  private write(message: JournalMessage): void {
    this.flush();
    this.append(message);
  }

  private append(message: JournalMessage): void {
    if (this.closed || this.fault !== undefined) return;
    this.rest = Buffer.concat([this.rest, encodeJournalMessage(message)]);
    try {
      while (this.rest.length > 0) {
        this.rest = this.rest.subarray(writeSync(this.descriptor, this.rest));
      }
    } catch (fault) {
      this.fault = withPlace(fault, this.path) as Error;
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
