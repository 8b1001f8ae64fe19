import { createReadStream } from 'node:fs';
import { Injectable } from '@nestjs/common';
import { decodeJournalMessage, JournalDecoder, type TaskDescription } from '@fatbuildr/protocol';
import { JournalReader } from '@fatbuildr/tasks';
import { LogLines, type LogLine } from './log-lines';

/** A part of a log: lines that are complete, and the HTML of one that is not. */
export interface LogPart {
  lines: LogLine[];
  pending: string;
}

/** The logs of tasks as lines. */
@Injectable()
export class TaskLogs {
  constructor(private readonly journals: JournalReader) {}

  /** What there is now. */
  async *written({ io }: TaskDescription): AsyncGenerator<LogPart> {
    const log = new LogLines();
    const decoder = new JournalDecoder();
    try {
      for await (const chunk of createReadStream(io.journal.path) as AsyncIterable<Buffer>) {
        const lines = decoder.push(chunk).flatMap((message) => log.push(message));
        yield { lines, pending: log.pending };
      }
    } catch (fault) {
      // A task that has not begun has no journal.
      if ((fault as NodeJS.ErrnoException).code !== 'ENOENT') throw fault;
    }
  }

  /** From the start to the end of the task, as it is written; from time to time empty parts. */
  async *followed(task: TaskDescription): AsyncGenerator<LogPart> {
    const log = new LogLines();
    for await (const frames of this.journals.follow(task)) {
      const messages = frames.map(({ bytes }) => decodeJournalMessage(bytes));
      const lines = messages.flatMap((message) => (message ? log.push(message) : []));
      yield { lines, pending: log.pending };
    }
  }
}
