import { existsSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { Injectable } from '@nestjs/common';
import {
  closesTask,
  decodeJournalMessage,
  JournalFrames,
  type JournalFrame,
  type TaskDescription,
} from '@fatbuildr/protocol';
import { JournalFeed } from './journal-feed';
import { TasksStore } from './tasks.store';

const READ_BYTES = 64 * 1024;

/** What identifies a journal. */
export type FollowedTask = Pick<TaskDescription, 'id' | 'place' | 'io'>;

/**
 * Follows the journals of tasks that another process runs, from their files: every reader at its own pace
 * with a buffer of its own, so that memory stays flat whatever a build prints and however many read.
 */
@Injectable()
export class JournalReader {
  private readonly feeds = new Map<string, { feed: JournalFeed; readers: number }>();

  constructor(private readonly store: TasksStore) {}

  /**
   * Every message of a task's journal, as it is written, up to the record that closes it. Of a journal
   * that never got that record, up to its end. A torn last message is left out.
   *
   * Yields in portions; an empty one, from time to time, while there is nothing.
   *
   * @param after offset of the last message the reader has; messages up to it are left out
   */
  async *follow(task: FollowedTask, after = -1): AsyncGenerator<JournalFrame[]> {
    const feed = await this.enter(task);
    let file: FileHandle | undefined;
    try {
      let frames = new JournalFrames();
      const buffer = Buffer.allocUnsafe(READ_BYTES);
      for (let last = false; ;) {
        // Both asked before reading: what is written in between is read now, or announced afterwards.
        const { changed } = feed;
        const over = feed.ended && !existsSync(task.io.console);
        file ??= await openIfThere(task.io.journal.path);
        // From the last whole message on: a daemon that starts again cuts off what a crash left torn.
        let position = frames.offset;
        frames = new JournalFrames(position);
        for (let bytes = READ_BYTES; file && bytes > 0; position += bytes) {
          bytes = (await file.read(buffer, 0, READ_BYTES, position)).bytesRead;
          const all = frames.push(Buffer.from(buffer.subarray(0, bytes)));
          const fresh = all.filter(({ offset }) => offset > after);
          if (fresh.length > 0) yield fresh;
          if (all.some(isLast)) return;
        }
        // The row says "finished" a moment before the journal gets its last record: look once more.
        if (over && last) return;
        last = over;
        if (!over) {
          await changed;
          yield [];
        }
      }
    } finally {
      await file?.close();
      this.leave(task);
    }
  }

  private async enter(task: FollowedTask): Promise<JournalFeed> {
    const known = this.feeds.get(task.place);
    if (known) {
      known.readers += 1;
      return known.feed;
    }
    const feed = new JournalFeed(task.place, () => this.hasEnded(task.id));
    this.feeds.set(task.place, { feed, readers: 1 });
    await feed.open();
    return feed;
  }

  private leave({ place }: FollowedTask): void {
    const known = this.feeds.get(place);
    if (known === undefined || --known.readers > 0) return;
    this.feeds.delete(place);
    known.feed.close();
  }

  /** A task that was purged has ended, too. */
  private async hasEnded(id: string): Promise<boolean> {
    const task = await this.store.find(id);
    return task === undefined || task.state === 'finished';
  }
}

function isLast({ bytes }: JournalFrame): boolean {
  const message = decodeJournalMessage(bytes);
  return message !== undefined && closesTask(message);
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw fault;
  }
}
