import { setTimeout as delay } from 'node:timers/promises';
import { FatbuildrError } from '@fatbuildr/errors';
import { closesTask, type JournalMessage } from '@fatbuildr/protocol';

/** A message as the server writes it. */
type Line = { offset: number } & (
  Exclude<JournalMessage, { command: 'output' }> | { command: 'output'; data: string }
);

/** Attempts in a row that may bring nothing. */
const ATTEMPTS = 8;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;

/** Of a server that is just starting again, or of the proxy before it. */
const PASSING = new Set([502, 503, 504]);

/**
 * A journal over however many connections it takes: one that is lost is made again, and goes on behind the
 * last message.
 *
 * @param open asks for the journal behind the message at an offset
 * @param incomplete what is thrown when the stream ends well, without the record that closes a task
 */
export async function* journalStream(
  open: (after: number | undefined) => Promise<Response>,
  incomplete: () => FatbuildrError,
  signal?: AbortSignal,
): AsyncGenerator<JournalMessage> {
  let after: number | undefined;
  for (let failures = 0; ;) {
    let lost: unknown;
    try {
      const response = await open(after);
      for await (const line of lines(response)) {
        failures = 0;
        after = line.offset;
        const message = messageOf(line);
        yield message;
        if (closesTask(message)) return;
      }
      lost = incomplete();
    } catch (fault) {
      signal?.throwIfAborted();
      if (!passes(fault)) throw fault;
      lost = fault;
    }
    if (++failures > ATTEMPTS) throw lost;
    const wait = Math.min(FIRST_WAIT_MS * 2 ** (failures - 1), LONGEST_WAIT_MS);
    await delay(wait, undefined, { signal }).catch(() => signal?.throwIfAborted());
  }
}

/** Whether it may be over in a moment: refusals stay what they are. */
function passes(fault: unknown): boolean {
  if (!(fault instanceof FatbuildrError)) return true;
  if (fault.code === 'HTTP.UNREACHABLE') return true;
  return PASSING.has(Number(fault.details.status));
}

async function* lines({ body }: Response): AsyncGenerator<Line> {
  if (body === null) return;
  let rest = '';
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + text).split('\n');
    // What a lost connection leaves of a line is asked for again.
    rest = parts.pop() ?? '';
    for (const part of parts) if (part !== '') yield JSON.parse(part) as Line;
  }
}

function messageOf({ offset: _, ...message }: Line): JournalMessage {
  return message.command === 'output'
    ? { command: 'output', data: Buffer.from(message.data, 'base64') }
    : message;
}

/** The request of a journal behind the message at an offset. */
export const resumedAt = (after: number | undefined, signal?: AbortSignal): RequestInit => ({
  headers: after === undefined ? {} : { 'last-event-id': String(after) },
  ...(signal === undefined ? {} : { signal }),
});
