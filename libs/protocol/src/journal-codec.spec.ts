import {
  closesTask,
  encodeJournalMessage,
  JournalDecoder,
  type JournalMessage,
} from './journal-codec';

const messages: JournalMessage[] = [
  { command: 'log', level: 20, message: 'Étape: build' },
  { command: 'output', data: Buffer.from([0, 1, 255]) },
  { command: 'raw-on' },
  { command: 'window-size', rows: 50, columns: 132 },
  { command: 'raw-off' },
  { command: 'log', level: 20, message: 'Task succeeded' },
];

describe('the journal codec', () => {
  it('writes the header of the contract: command, padding and payload length, little endian', () => {
    const bytes = encodeJournalMessage({ command: 'output', data: Buffer.from('hello') });
    expect(bytes.toString('hex')).toBe(`0100000005000000${Buffer.from('hello').toString('hex')}`);
  });

  it('writes a log record as level, colon and text', () => {
    const bytes = encodeJournalMessage({ command: 'log', level: 40, message: 'no: thing' });
    expect(bytes.subarray(8).toString()).toBe('40:no: thing');
  });

  it('gives back every message however the bytes arrive', () => {
    const bytes = Buffer.concat(messages.map(encodeJournalMessage));
    for (const size of [1, 3, 7, bytes.length]) {
      const decoder = new JournalDecoder();
      const decoded: JournalMessage[] = [];
      for (let at = 0; at < bytes.length; at += size) {
        decoded.push(...decoder.push(bytes.subarray(at, at + size)));
      }
      expect(decoded).toEqual(messages);
      expect(decoder.heldBytes).toBe(0);
    }
  });

  it('drops a torn last message and says how long it is', () => {
    const whole = encodeJournalMessage(messages[0]!);
    const decoder = new JournalDecoder();
    expect(decoder.push(Buffer.concat([whole, whole.subarray(0, 11)]))).toEqual([messages[0]]);
    expect(decoder.heldBytes).toBe(11);
  });

  it('skips commands it does not know', () => {
    const unknown = Buffer.from('0900000002000000abcd', 'hex');
    const known = encodeJournalMessage(messages[2]!);
    expect(new JournalDecoder().push(Buffer.concat([unknown, known]))).toEqual([messages[2]]);
  });

  it('knows the records that end a task', () => {
    const ends = (message: string) => closesTask({ command: 'log', level: 20, message });
    expect(ends('Task succeeded')).toBe(true);
    expect(ends('Task failed: no key')).toBe(true);
    expect(ends('The Task succeeded')).toBe(false);
    expect(closesTask({ command: 'output', data: Buffer.from('Task succeeded') })).toBe(false);
  });
});
