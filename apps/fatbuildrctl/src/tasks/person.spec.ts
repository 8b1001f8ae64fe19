import { PassThrough } from 'node:stream';
import type { TypedMessage } from '@fatbuildr/protocol';
import { Piper, Typist } from './person';

describe('somebody at a terminal', () => {
  const modes: boolean[] = [];
  const sent: TypedMessage[] = [];
  let keyboard: PassThrough;
  let window: PassThrough & { rows: number; columns: number };
  let typist: Typist;
  const send = (message: TypedMessage) => {
    sent.push(message);
    return Promise.resolve();
  };
  const typed = () =>
    sent.flatMap((one) => (one.command === 'output' ? [one.data.toString()] : []));

  beforeEach(() => {
    modes.length = sent.length = 0;
    keyboard = new PassThrough();
    const setRawMode = (raw: boolean) => modes.push(raw);
    window = Object.assign(new PassThrough(), { rows: 24, columns: 80 });
    typist = new Typist(Object.assign(keyboard, { setRawMode }), window);
  });

  it('keeps the terminal as it is until the task asks for keys', () => {
    typist.connected(send);
    expect({ modes, sent }).toEqual({ modes: [], sent: [] });
    typist.raw(true);
    expect(modes).toEqual([true]);
    expect(sent).toEqual([{ command: 'window-size', rows: 24, columns: 80 }]);
  });

  it('keeps it, too, where the task asked long ago and runs no more', () => {
    typist.raw(true);
    typist.raw(false);
    expect(modes).toEqual([]);
  });

  it('sends keys and sizes while they are wanted, and no others', () => {
    typist.connected(send);
    typist.raw(true);
    keyboard.emit('data', Buffer.from('\x03'));
    Object.assign(window, { rows: 30 }).emit('resize');
    typist.raw(false);
    keyboard.emit('data', Buffer.from('lost'));
    window.emit('resize');
    expect(typed()).toEqual(['\x03']);
    expect(sent.at(-1)).toEqual({ command: 'window-size', rows: 30, columns: 80 });
    expect(modes).toEqual([true, false]);
  });

  it('gives the terminal back when the connection is lost, and takes it again with the next', () => {
    typist.connected(send);
    typist.raw(true);
    typist.disconnected();
    expect(modes).toEqual([true, false]);
    typist.connected(send);
    expect(modes).toEqual([true, false, true]);
  });
});

describe('a pipe', () => {
  it('is sent to its end, which is a message without bytes', async () => {
    const input = new PassThrough();
    const sent: string[] = [];
    const ended = new Promise<void>((resolve) => {
      new Piper(input).connected((message) => {
        if (message.command === 'output') sent.push(message.data.toString());
        if (sent.at(-1) === '') resolve();
        return Promise.resolve();
      });
    });
    input.end('all of it');
    await ended;
    expect(sent).toEqual(['all of it', '']);
  });
});
