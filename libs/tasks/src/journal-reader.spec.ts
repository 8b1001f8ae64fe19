import { mkdtempSync, rmSync } from 'node:fs';
import { appendFile, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  decodeJournalMessage,
  encodeJournalMessage,
  type JournalFrame,
  type TaskState,
} from '@fatbuildr/protocol';
import { JournalFile } from './journal-file';
import { JournalReader, type FollowedTask } from './journal-reader';
import type { TaskEntity } from './tasks.entity';
import type { TasksStore } from './tasks.store';

describe('a reader of the journal of a task that another process runs', () => {
  let folder: string;
  let task: FollowedTask;
  let state: TaskState;
  let reader: JournalReader;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'fatbuildr-reader-'));
    const io = { interactive: false, console: join(folder, 'console.sock') };
    const journal = { path: join(folder, 'task.journal') };
    task = { id: 'task-1', place: folder, io: { ...io, journal } };
    state = 'running';
    // The one question that is asked of the rows.
    const store = { find: () => Promise.resolve({ state } as TaskEntity) } as Partial<TasksStore>;
    reader = new JournalReader(store as TasksStore);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  async function read(after?: number, seen: (frame: JournalFrame) => void = () => undefined) {
    const texts: string[] = [];
    for await (const frames of reader.follow(task, after)) {
      for (const frame of frames) {
        const message = decodeJournalMessage(frame.bytes);
        if (message?.command === 'log') texts.push(message.message);
        if (message?.command === 'output') texts.push(message.data.toString());
        seen(frame);
      }
    }
    return texts;
  }

  it('gets every message, those before it came and those after', async () => {
    const journal = new JournalFile(task.io.journal.path);
    journal.output(Buffer.from('before'));
    const texts = read(undefined, () => {
      // What it has seen of the first message alone lets the writer go on.
      if (journal.steps.length === 0) void journal.step('later', async () => journal.close());
    });
    await expect(texts).resolves.toEqual(['before', 'Step later', 'Task succeeded']);
  });

  it('waits for a task that has not begun', async () => {
    state = 'pending';
    const texts = read();
    setImmediate(() => {
      const journal = new JournalFile(task.io.journal.path);
      journal.log('info', 'begun');
      journal.close('no room');
    });
    await expect(texts).resolves.toEqual(['begun', 'Task failed: no room']);
  });

  it('serves many readers, and forgets them', async () => {
    const journal = new JournalFile(task.io.journal.path);
    const readers = Array.from({ length: 20 }, () => read());
    const lines = Array.from({ length: 500 }, (_, line) => `line ${line}`);
    for (const line of lines) {
      journal.log('info', line);
      await new Promise(setImmediate);
    }
    journal.close();
    for (const texts of await Promise.all(readers)) {
      expect(texts).toEqual([...lines, 'Task succeeded']);
    }
    await expect(read()).resolves.toHaveLength(501);
  });

  it('goes on after the last message a reader has, wherever its offset points to', async () => {
    const journal = new JournalFile(task.io.journal.path);
    for (const text of ['one', 'two', 'three']) journal.log('info', text);
    journal.close();
    const offsets: number[] = [];
    await read(undefined, ({ offset }) => offsets.push(offset));
    await expect(read(offsets[1])).resolves.toEqual(['three', 'Task succeeded']);
    // Inside a message: nothing is taken for a message that is none.
    await expect(read(offsets[1]! - 3)).resolves.toEqual(['two', 'three', 'Task succeeded']);
    await expect(read(offsets[3])).resolves.toEqual([]);
  });

  it('leaves out what a crash tore, and gets what was written in its place', async () => {
    const whole = encodeJournalMessage({ command: 'output', data: Buffer.from('whole') });
    const torn = encodeJournalMessage({ command: 'output', data: Buffer.from('torn') });
    await writeFile(task.io.journal.path, Buffer.concat([whole, torn.subarray(0, 10)]));
    const texts = read(undefined, ({ offset }) => {
      if (offset > 0) return;
      void truncate(task.io.journal.path, whole.length).then(() =>
        new JournalFile(task.io.journal.path).close('the daemon stopped'),
      );
    });
    await expect(texts).resolves.toEqual(['whole', 'Task failed: the daemon stopped']);
  });

  it('ends with a journal that has no last record, once its task has ended', async () => {
    state = 'finished';
    await appendFile(
      task.io.journal.path,
      encodeJournalMessage({ command: 'output', data: Buffer.from('only') }),
    );
    await expect(read()).resolves.toEqual(['only']);
    rmSync(task.io.journal.path);
    await expect(read()).resolves.toEqual([]);
  });
});
