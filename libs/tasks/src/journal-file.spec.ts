import { mkdtempSync, rmSync } from 'node:fs';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeJournalMessage, JournalDecoder, type JournalMessage } from '@fatbuildr/protocol';
import { closeAbandonedJournal, JournalFile } from './journal-file';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fatbuildr-journal-'));
  path = join(folder, 'task.journal');
});
afterEach(() => rmSync(folder, { recursive: true }));

async function messagesOf(file: string): Promise<JournalMessage[]> {
  return new JournalDecoder().push(await readFile(file));
}

async function texts(journal: JournalFile): Promise<string[]> {
  const decoder = new JournalDecoder();
  const seen: string[] = [];
  for await (const chunk of journal.follow()) {
    for (const message of decoder.push(chunk)) {
      seen.push(message.command === 'log' ? message.message : message.command);
    }
  }
  return seen;
}

describe('the journal of a running task', () => {
  it('gives a reader everything from the start, whenever it comes', async () => {
    const journal = new JournalFile(path);
    journal.log('info', 'one');
    const early = texts(journal);
    journal.output(Buffer.from('made'));
    const late = texts(journal);
    setImmediate(() => {
      journal.log('warning', 'two');
      journal.close();
    });
    const all = ['one', 'output', 'two', 'Task succeeded'];
    expect(await early).toEqual(all);
    expect(await late).toEqual(all);
    expect(await texts(journal)).toEqual(all);
  });

  it('ends with the reason of a failure', async () => {
    const journal = new JournalFile(path);
    journal.close('no key');
    expect(await messagesOf(path)).toEqual([
      { command: 'log', level: 40, message: 'Task failed: no key' },
    ]);
  });

  it('keeps so much output and no more, says so once, and goes on with its records', async () => {
    const journal = new JournalFile(path, undefined, undefined, 10);
    for (const text of ['12345', '67890', 'abc', 'def']) journal.output(Buffer.from(text));
    journal.log('info', 'Step publish');
    journal.close();
    expect(
      (await messagesOf(path)).map((message) =>
        message.command === 'output'
          ? String(message.data)
          : (message as { message: string }).message,
      ),
    ).toEqual([
      '12345',
      '67890',
      'The task prints more than the 10 bytes that [tasks] max_output allows, the rest is dropped',
      'Step publish',
      'Task succeeded',
    ]);
  });

  it('writes the first output at once, gathers what comes right after it, and mixes no records up', async () => {
    const journal = new JournalFile(path);
    const seen = async () =>
      (await messagesOf(path)).map((message) =>
        message.command === 'output' ? String(message.data) : message.command,
      );
    journal.output(Buffer.from('$ '));
    expect(await seen()).toEqual(['$ ']);
    for (const key of ['m', 'a', 'k', 'e']) journal.output(Buffer.from(key));
    journal.log('info', 'Step binaries');
    expect(await seen()).toEqual(['$ ', 'make', 'log']);
    journal.output(Buffer.from('c'));
    journal.output(Buffer.from('c'));
    const reader = journal.follow();
    const decoder = new JournalDecoder();
    for (let last = ''; last !== 'cc';) {
      const { value } = await reader.next();
      const message = decoder.push(value as Buffer).at(-1);
      if (message?.command === 'output') last = String(message.data);
    }
    journal.output(Buffer.from('end'));
    journal.close();
    expect((await seen()).slice(-2)).toEqual(['end', 'log']);
  });

  it('holds no more of a flood than one record', async () => {
    const journal = new JournalFile(path);
    const scrap = Buffer.alloc(40 * 1024, 'x');
    for (let at = 0; at < 3; at++) journal.output(scrap);
    const sizes = (await messagesOf(path)).map((message) =>
      message.command === 'output' ? message.data.length / 1024 : message.command,
    );
    expect(sizes).toEqual([40, 64, 16]);
    journal.close();
  });

  it('records name and duration of each step, and names the step in its fault', async () => {
    const journal = new JournalFile(path);
    await expect(journal.step('define', () => Promise.resolve(7))).resolves.toBe(7);
    const fault = journal.step('fetch', () => Promise.reject(new Error('404')));
    await expect(fault).rejects.toThrow('step fetch: 404');
    expect(journal.steps.map(({ name }) => name)).toEqual(['define', 'fetch']);
    for (const { duration } of journal.steps) expect(duration).toBeGreaterThanOrEqual(0);
  });
});

describe('the journal of a task whose daemon died', () => {
  const start = encodeJournalMessage({ command: 'log', level: 20, message: 'Step source' });

  it('gets its last record after the torn message is cut off', async () => {
    await writeFile(path, Buffer.concat([start, start.subarray(0, 10)]));
    await closeAbandonedJournal(path, 'killed');
    expect(await messagesOf(path)).toEqual([
      { command: 'log', level: 20, message: 'Step source' },
      { command: 'log', level: 40, message: 'Task failed: killed' },
    ]);
  });

  it('stays as it is when it has its last record', async () => {
    await writeFile(path, start);
    await appendFile(
      path,
      encodeJournalMessage({ command: 'log', level: 20, message: 'Task succeeded' }),
    );
    const before = await readFile(path);
    await closeAbandonedJournal(path, 'killed');
    expect(await readFile(path)).toEqual(before);
  });

  it('is made when the task had not opened it yet', async () => {
    await closeAbandonedJournal(path, 'killed');
    expect(await messagesOf(path)).toHaveLength(1);
  });
});
