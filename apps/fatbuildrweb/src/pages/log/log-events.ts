import { lineElement } from './log-lines';
import type { LogPart } from './task-logs';

/** Milliseconds of silence after which a stream says that it is still there: proxies cut off silent ones. */
const SILENCE_MS = 15_000;

/**
 * A log as server-sent events (HTML, "Server-sent events"): `lines` with the elements of new lines, whose id
 * is the number of the last, `pending` with the line that is not complete, `end` with a sentence.
 *
 * @param after number of the last line the reader has
 * @param ending asked once the log is over
 */
export async function* logEvents(
  parts: AsyncIterable<LogPart>,
  after: number,
  ending: () => Promise<string>,
): AsyncGenerator<string> {
  let spoken = Date.now();
  let shown = '';
  yield ':\n\n';
  for await (const { lines, pending } of parts) {
    const fresh = lines.filter(({ number }) => number > after);
    const last = fresh.at(-1);
    let text = '';
    if (last !== undefined) {
      text += `event: lines\nid: ${last.number}\ndata: ${fresh.map(lineElement).join('')}\n\n`;
    }
    if (pending !== '' && (pending !== shown || last !== undefined)) {
      text += `event: pending\ndata: ${pending}\n\n`;
    }
    shown = pending;
    if (text === '' && Date.now() - spoken < SILENCE_MS) continue;
    yield text || ':\n\n';
    spoken = Date.now();
  }
  yield `event: end\ndata: ${await ending()}\n\n`;
}
