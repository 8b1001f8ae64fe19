import { PassThrough } from 'node:stream';
import type { OutputStream } from '../program-environment';
import { StatusLine } from './status-line';

describe('StatusLine', () => {
  let written: string;
  let lineIsOpen: boolean;
  let detail: string | undefined;

  beforeEach(() => {
    jest.useFakeTimers();
    written = '';
    lineIsOpen = false;
    detail = undefined;
  });
  afterEach(() => jest.useRealTimers());

  function statusLine(properties: { isTTY: boolean; columns?: number }): StatusLine {
    const stream = Object.assign(new PassThrough(), properties) as OutputStream;
    stream.write = (data: unknown) => {
      written += String(data);
      return true;
    };
    return new StatusLine(
      stream,
      () => lineIsOpen,
      () => detail,
    );
  }

  it('says what goes on and for how long, and leaves nothing behind', () => {
    const status = statusLine({ isTTY: true });
    status.start('unpack');
    jest.advanceTimersByTime(65_200);
    expect(written).toContain('unpack (1 min 05 s)');
    status.change('fetch');
    jest.advanceTimersByTime(1200);
    expect(written).toContain('fetch (1 s)');
    status.stop();
    expect(written.endsWith('\r\x1b[2K')).toBe(true);
    const length = written.length;
    jest.advanceTimersByTime(1000);
    expect(written).toHaveLength(length);
  });

  it('never cuts a line of the task in two', () => {
    const status = statusLine({ isTTY: true });
    status.start('unpack');
    lineIsOpen = true;
    jest.advanceTimersByTime(1000);
    expect(written).toBe('');
    status.stop();
  });

  it('shows what is known in detail in place of the text', () => {
    const status = statusLine({ isTTY: true });
    status.start('artifact build');
    jest.advanceTimersByTime(200);
    detail = '[1/9] fetch · 0:02';
    written = '';
    jest.advanceTimersByTime(200);
    expect(written).toBe('\r\x1b[2K- [1/9] fetch · 0:02');
    status.stop();
  });

  it('fits the terminal', () => {
    const status = statusLine({ isTTY: true, columns: 10 });
    status.start('a very long step');
    jest.advanceTimersByTime(200);
    expect(written).toBe('\r\x1b[2K/ a very ');
    status.stop();
  });

  it('is silent where no person looks', () => {
    const status = statusLine({ isTTY: false });
    status.start('unpack');
    jest.advanceTimersByTime(1000);
    status.stop();
    expect(written).toBe('');
  });
});
