import { LogLevel, type JournalMessage } from '@fatbuildr/protocol';
import { lineElement, LogLines, type LogLine } from './log-lines';

const output = (text: string | Buffer): JournalMessage => ({
  command: 'output',
  data: Buffer.from(text),
});
const log = (message: string, level: number = LogLevel.info): JournalMessage => ({
  command: 'log',
  level,
  message,
});

function all(...messages: JournalMessage[]): LogLine[] {
  const lines = new LogLines();
  return messages.flatMap((message) => lines.push(message));
}

describe('LogLines', () => {
  it('numbers lines from one, whatever they come from', () => {
    expect(all(log('Step source'), output('a\nb\n'), log('Task succeeded'))).toEqual([
      { number: 1, html: 'Step source', kind: 'step' },
      { number: 2, html: 'a', kind: 'output' },
      { number: 3, html: 'b', kind: 'output' },
      { number: 4, html: 'Task succeeded', kind: 'end' },
    ]);
  });

  it('lets no record stand in the middle of a line', () => {
    expect(all(output('half'), log('note'), output(' rest\n')).map(({ html }) => html)).toEqual([
      'half',
      'note',
      ' rest',
    ]);
  });

  it('joins characters whose bytes were split', () => {
    const bytes = Buffer.from('é\n');
    expect(all(output(bytes.subarray(0, 1)), output(bytes.subarray(1)))[0]!.html).toBe('é');
  });

  it.each([
    'main.c:3:5: error: expected expression',
    'dh_auto_build: error: make -j2 returned exit code 2',
    'make[1]: *** [Makefile:3: all] Error 1',
    'E: Unable to locate package nothing',
    '\x1b[1mmain.c:3:\x1b[0m \x1b[31mfatal error:\x1b[0m none.h: No such file',
  ])('finds the error in %j', (line) => {
    expect(all(output(`${line}\n`))[0]!.kind).toBe('error');
  });

  it.each([
    'checking for error_at_line... yes',
    'make: [Makefile:3: x] Error 1 (ignored)',
    'errors: 0',
  ])('takes %j for what it is', (line) => {
    expect(all(output(`${line}\n`))[0]!.kind).toBe('output');
  });

  it('tells steps that begin from those that end, and failures from all', () => {
    const kinds = all(
      log('Step source'),
      log('Step source done in 1.5 s'),
      log('Step source failed after 1.5 s: no', LogLevel.error),
      log('careful', LogLevel.warning),
    ).map(({ kind }) => kind);
    expect(kinds).toEqual(['step', 'info', 'error', 'warning']);
  });

  it('knows the end of a task, and not what only looks like it', () => {
    const lines = new LogLines();
    lines.push(output('Task succeeded\n'));
    expect(lines.ended).toBe(false);
    lines.push(log('Task failed: <b>no</b>', LogLevel.error));
    expect(lines.ended).toBe(true);
  });

  it('makes an element whose text is text', () => {
    const [line] = all(log('Task failed: <img src=x onerror=alert(1)>', LogLevel.error));
    expect(lineElement(line!)).toContain(
      '<span>Task failed: &lt;img src=x onerror=alert(1)&gt;</span>',
    );
  });
});
