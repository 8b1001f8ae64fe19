/**
 * The binary journal of a task: a sequence of messages, each an 8 byte header (command as unsigned
 * 16 bit, two bytes of zero, payload length as unsigned 32 bit, little endian) and its payload.
 */
const HEADER_BYTES = 8;

export const LogLevel = { debug: 10, info: 20, warning: 30, error: 40 } as const;
export type LogLevelName = keyof typeof LogLevel;

export type JournalMessage =
  | { command: 'log'; level: number; message: string }
  | { command: 'output'; data: Buffer }
  | { command: 'raw-on' }
  | { command: 'raw-off' }
  | { command: 'window-size'; rows: number; columns: number };

const COMMANDS = ['log', 'output', 'raw-on', 'raw-off', 'window-size'] as const;

export function encodeJournalMessage(message: JournalMessage): Buffer {
  const payload = encodePayload(message);
  const bytes = Buffer.alloc(HEADER_BYTES + payload.length);
  bytes.writeUInt16LE(COMMANDS.indexOf(message.command), 0);
  bytes.writeUInt32LE(payload.length, 4);
  payload.copy(bytes, HEADER_BYTES);
  return bytes;
}

function encodePayload(message: JournalMessage): Buffer {
  switch (message.command) {
    case 'log':
      return Buffer.from(`${message.level}:${message.message}`, 'utf8');
    case 'output':
      return message.data;
    case 'window-size': {
      const size = Buffer.alloc(4);
      size.writeUInt16LE(message.rows, 0);
      size.writeUInt16LE(message.columns, 2);
      return size;
    }
    case 'raw-on':
    case 'raw-off':
      return Buffer.alloc(0);
  }
}

/** A whole message as it stands in a journal. */
export interface JournalFrame {
  /** Where its first byte stands in the journal. */
  offset: number;
  /** Header and payload. */
  bytes: Buffer;
}

/** Cuts arriving bytes where messages end, without understanding them. */
export class JournalFrames {
  private rest: Buffer = Buffer.alloc(0);

  /** @param end where in the journal the first byte that will be pushed stands */
  constructor(private end = 0) {}

  /** Where the last whole message ended. */
  get offset(): number {
    return this.end;
  }

  /** Bytes of a message that has not arrived whole. */
  get heldBytes(): number {
    return this.rest.length;
  }

  push(chunk: Buffer): JournalFrame[] {
    const bytes = this.rest.length > 0 ? Buffer.concat([this.rest, chunk]) : chunk;
    const frames: JournalFrame[] = [];
    let start = 0;
    while (bytes.length - start >= HEADER_BYTES) {
      const end = start + HEADER_BYTES + bytes.readUInt32LE(start + 4);
      if (end > bytes.length) break;
      frames.push({ offset: this.end + start, bytes: bytes.subarray(start, end) });
      start = end;
    }
    this.rest = bytes.subarray(start);
    this.end += start;
    return frames;
  }
}

/** Turns arriving bytes into messages; what remains incomplete at the end is a torn message and dropped. */
export class JournalDecoder {
  private readonly frames = new JournalFrames();

  /** Bytes of a message that has not arrived whole. */
  get heldBytes(): number {
    return this.frames.heldBytes;
  }

  push(chunk: Buffer): JournalMessage[] {
    return this.frames
      .push(chunk)
      .map(({ bytes }) => decodeJournalMessage(bytes))
      .filter((message) => message !== undefined);
  }
}

/** @returns `undefined` for a message of a later version, which readers skip */
export function decodeJournalMessage(bytes: Buffer): JournalMessage | undefined {
  return decode(bytes.readUInt16LE(0), bytes.subarray(HEADER_BYTES));
}

function decode(command: number, payload: Buffer): JournalMessage | undefined {
  switch (COMMANDS[command]) {
    case 'log': {
      const text = payload.toString('utf8');
      const colon = text.indexOf(':');
      const level = Number(text.slice(0, colon));
      return {
        command: 'log',
        level: level > 0 ? level : LogLevel.info,
        message: text.slice(colon + 1),
      };
    }
    case 'output':
      return { command: 'output', data: payload };
    case 'raw-on':
      return { command: 'raw-on' };
    case 'raw-off':
      return { command: 'raw-off' };
    case 'window-size':
      return payload.length === 4
        ? {
            command: 'window-size',
            rows: payload.readUInt16LE(0),
            columns: payload.readUInt16LE(2),
          }
        : undefined;
    case undefined:
      // A later version's message: readers skip what they do not know.
      return undefined;
  }
}

/** Readers stop at the record that closes a task. */
export function closesTask(message: JournalMessage): boolean {
  return message.command === 'log' && /^Task (succeeded|failed)/.test(message.message);
}
