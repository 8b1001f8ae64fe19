import { TerminalText } from './terminal-text';

/** All lines of a text, the last one ended. */
function lines(...chunks: string[]): string[] {
  const terminal = new TerminalText();
  const complete = chunks.flatMap((chunk) => terminal.push(chunk));
  return terminal.pending === '' ? complete : [...complete, terminal.finish()];
}

describe('TerminalText', () => {
  it('escapes everything that HTML could read', () => {
    expect(lines(`<script>alert("1" & '2')</script>\n`)).toEqual([
      '&lt;script&gt;alert(&quot;1&quot; &amp; &#39;2&#39;)&lt;/script&gt;',
    ]);
  });

  it('escapes inside colours and in lines that were overwritten', () => {
    expect(lines('\x1b[31m<b onload=x>\x1b[0m\n', 'old\r<i>\n')).toEqual([
      '<span class="f1">&lt;b onload=x&gt;</span>',
      '&lt;i&gt;',
    ]);
  });

  it.each([
    ['a basic colour', '\x1b[32mok\x1b[0m', '<span class="f2">ok</span>'],
    ['a bright colour on a background', '\x1b[91;44mx', '<span class="f9 g4">x</span>'],
    ['styles that add up', '\x1b[1m\x1b[4mx', '<span class="t-bold t-underline">x</span>'],
    ['a reset without parameters', '\x1b[1mx\x1b[my', '<span class="t-bold">x</span>y'],
    ['a colour of the palette of 256', '\x1b[38;5;196mx', '<span class="f9">x</span>'],
    ['a grey of that palette', '\x1b[38;5;244mx', '<span class="f8">x</span>'],
    ['24 bit colours', '\x1b[38;2;0;0;240;48;2;250;250;250mx', '<span class="f4 g15">x</span>'],
    ['24 bit colours with colons', '\x1b[38:2::255:0:0mx', '<span class="f9">x</span>'],
    ['inverse text', '\x1b[7mx', '<span class="g-text">x</span>'],
    ['inverse colours', '\x1b[31;7mx', '<span class="g1">x</span>'],
    ['unknown parameters', '\x1b[58;5;3;999mx', 'x'],
  ])('shows %s', (_name, text, html) => {
    expect(lines(text)).toEqual([html]);
  });

  it('never puts a value of the log into an attribute', () => {
    const html = lines(
      '\x1b[38;5;"onclick=alert(1)//mx',
      '\x1b]8;;javascript:alert(1)\x07y\x1b]8;;\x07',
    ).join();
    expect(html.replace(/<span class="[a-z0-9 -]+">|<\/span>/g, '')).not.toMatch(/[<>"']/);
    expect(html).not.toContain('javascript');
  });

  it.each([
    ['a carriage return', 'Reading 10%\rReading 100%\n', ['Reading 100%']],
    ['one that leaves a part of the old text', 'abcdef\rxy\n', ['xycdef']],
    ['line ends of DOS', 'a\r\nb\r\n', ['a', 'b']],
    ['backspaces', 'abc\b\bX\n', ['aXc']],
    ['erasing to the end', 'abcdef\r12\x1b[K\n', ['12']],
    ['erasing all', 'abc\x1b[2K\rz\n', ['z']],
    ['moves of the cursor', 'ab\x1b[3Cc\x1b[2Dd\n', ['ab  dc']],
  ])('does what a terminal does for %s', (_name, text, expected) => {
    expect(lines(text)).toEqual(expected);
  });

  it.each([
    ['titles of windows', '\x1b]0;title\x07x'],
    ['strings ended by ST', '\x1bPq#0\x1b\\x'],
    ['choices of characters', '\x1b(Bx'],
    ['private modes', '\x1b[?25lx'],
    ['bells and zeros', '\x07\0x\x9b'],
    ['other escapes', '\x1b=x'],
  ])('drops %s', (_name, text) => {
    expect(lines(text)).toEqual(['x']);
  });

  it('shows characters that reorder text as what they are: nothing to read', () => {
    expect(lines('a\u202eb\n')).toEqual(['a\ufffdb']);
  });

  it('understands sequences that arrive in pieces, and goes on with their colour in the next line', () => {
    expect(lines('\x1b', '[3', '1mred\nst', 'ill\x1b[0', 'm\n')).toEqual([
      '<span class="f1">red</span>',
      '<span class="f1">still</span>',
    ]);
  });

  it('survives a string that never ends', () => {
    expect(lines('\x1b]0;oops\nnext\n')).toEqual(['', 'next']);
  });

  it('breaks a line that is longer than any reader reads', () => {
    const found = lines('x'.repeat(40_000));
    expect(found.map((line) => line.length)).toEqual([16_384, 16_384, 7232]);
  });

  it('keeps the room of a line bounded when the cursor is told to go far', () => {
    expect(lines('\x1b[999999999Gx')[0]!.length).toBe(16_383);
  });
});
