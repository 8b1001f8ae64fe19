import { decodeJournalMessage, type JournalFrame } from '@fatbuildr/protocol';

/** A message of a journal as JSON; raw output is base64, since it may be cut inside a character. */
export function journalJson({ offset, bytes }: JournalFrame): string | undefined {
  const message = decodeJournalMessage(bytes);
  if (message === undefined) return undefined;
  return JSON.stringify(
    message.command === 'output'
      ? { offset, command: message.command, data: message.data.toString('base64') }
      : { offset, ...message },
  );
}

/** How journals are written for one kind of reader. */
export interface JournalNotation {
  type: string;
  message(frame: JournalFrame): string;
  /** Keeps the connection alive while there is nothing. */
  nothing: string;
  end(outcome: { state: string; result: string }): string;
}

/** One JSON document per line; an empty line says nothing. */
export const JSON_LINES: JournalNotation = {
  type: 'application/x-ndjson',
  message: (frame) => line(journalJson(frame), (json) => `${json}\n`),
  nothing: '\n',
  end: () => '',
};

/** Server-sent events (HTML, "Server-sent events"); the id of each is its offset. */
export const EVENT_STREAM: JournalNotation = {
  type: 'text/event-stream',
  message: (frame) => line(journalJson(frame), (json) => `id: ${frame.offset}\ndata: ${json}\n\n`),
  nothing: ':\n\n',
  // A browser would connect again to a stream that merely ends.
  end: (outcome) => `event: end\ndata: ${JSON.stringify(outcome)}\n\n`,
};

/** The notation for who sends this `Accept`; generated clients name both, and read the first as it is. */
export function notationFor(accept = ''): JournalNotation {
  const reads = ({ type }: JournalNotation) => accept.includes(type);
  return reads(EVENT_STREAM) && !reads(JSON_LINES) ? EVENT_STREAM : JSON_LINES;
}

/** Messages of a later version have no notation. */
function line(json: string | undefined, write: (json: string) => string): string {
  return json === undefined ? '' : write(json);
}
