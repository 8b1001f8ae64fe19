import { parseIni } from './ini-file';

const values = (text: string) =>
  Object.fromEntries(
    parseIni(text).entries.map(({ section, key, value }) => [`${section}.${key}`, value]),
  );

describe('parseIni', () => {
  it('reads both delimiters, keys in any case and sections with a colon', () => {
    expect(values('[web]\nPort = 80\nhost: here\n[format:deb]\ntool=container\n')).toEqual({
      'web.port': '80',
      'web.host': 'here',
      'format:deb.tool': 'container',
    });
  });

  it('keeps values whole: #, ;, quotes, dots and brackets mean nothing in them', () => {
    const value = 'redis://user:p#a;s="s"@h.example:1/[x]=y';
    expect(values(`[queue]\nredis = ${value}\n`)).toEqual({ 'queue.redis': value });
  });

  it('continues a value on deeper indented lines, with comments between them', () => {
    expect(values('[s]\n  a = one\n    two\n  # no\n    three\n  b = x\n')).toEqual({
      's.a': 'one\ntwo\nthree',
      's.b': 'x',
    });
  });

  it('reads files of Windows editors', () => {
    expect(values('\uFEFF[s]\r\na = 1\r\n')).toEqual({ 's.a': '1' });
  });

  it('names the line of everything that is not INI', () => {
    const { faults, entries } = parseIni('early = 1\n[open\n[s]\nword\na = 1\nA = 2\n');
    expect(faults).toEqual([
      { line: 1, reason: 'the key "early" stands before the first [section]' },
      { line: 2, reason: expect.stringContaining('got "[open"') as string },
      { line: 4, reason: expect.stringContaining('got "word"') as string },
      { line: 6, reason: 's.a is already set in line 5' },
    ]);
    expect(entries).toEqual([{ section: 's', key: 'a', value: '1', line: 5 }]);
  });
});
