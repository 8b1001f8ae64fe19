import { parseStanzas, Stanza } from './deb822';

describe('parseStanzas', () => {
  it('reads fields with continuation lines and gives them back as they were', () => {
    const text =
      'Package: demo\nDescription: says hello\n to all\n .\n  indented\nFiles:\n abc 1 x\n';
    const [stanza] = parseStanzas(text);
    expect(stanza?.get('description')).toBe('says hello\n to all\n .\n  indented');
    expect(stanza?.get('Files')).toBe('\n abc 1 x');
    expect(String(stanza)).toBe(text);
  });

  it('separates paragraphs by lines that are empty or blank, and skips comments', () => {
    const stanzas = parseStanzas('\n# first\nA: 1\r\n \nB: 2\n# in between\nC: 3\n\n\n');
    expect(stanzas.map(({ fields }) => fields)).toEqual([
      [['A', '1']],
      [
        ['B', '2'],
        ['C', '3'],
      ],
    ]);
  });

  it('takes the text out of a clear-signed message, dashes unescaped', () => {
    const text =
      '-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nSource: demo\nX: 1\n- -Y: 2\n' +
      '-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----\n';
    expect(() => parseStanzas(text)).toThrow('not a field: "-Y: 2"');
    const [stanza] = parseStanzas(text.replace('- -Y: 2\n', ''));
    expect(stanza?.fields).toEqual([
      ['Source', 'demo'],
      ['X', '1'],
    ]);
  });

  it.each([
    ['a continuation line without a field', ' lost\n'],
    ['not a field', 'no colon here\n'],
    ['field Size appears twice', 'Size: 1\nSize: 2\n'],
  ])('refuses %s', (reason, text) => {
    expect(() => parseStanzas(text)).toThrow(reason);
  });

  it('sees a field repeated in another case', () => {
    expect(() => parseStanzas('SHA256: a\nsha256: b\n')).toThrow('field sha256 appears twice');
  });
});

describe('Stanza', () => {
  it('drops fields in any case and appends others', () => {
    const stanza = new Stanza([
      ['Package', 'demo'],
      ['filename', '../../etc/passwd'],
    ]);
    expect(String(stanza.without('Filename').with(['Filename', 'pool/x']))).toBe(
      'Package: demo\nFilename: pool/x\n',
    );
  });
});
