import { declareChecksums } from './declare-checksums';

const SUM = 'a'.repeat(64);
const declare = (text: string, bySource = false, version = '1.10', source = 'demo') =>
  declareChecksums('artifact.yml', text, [{ source, version, sha256: SUM }], bySource);

describe('declareChecksums', () => {
  it('leaves comments, order and spelling as they are', () => {
    const text = `# What it is.
source: "https://x/demo-{{ version }}-with-a-name-that-is-so-long-that-it-would-be-folded-by-others.tar.gz" # upstream

version: '1.10' # newest

# Old ones stay.
checksums:
  1.9: # of 2024
    sha512: 00
  "1.8": { sha256: 11 }

# Formats.
deb:
  release: 1
`;
    expect(declare(text)).toBe(
      text.replace(
        '  "1.8": { sha256: 11 }\n',
        `  "1.8": { sha256: 11 }\n  '1.10':\n    sha256: ${SUM}\n`,
      ),
    );
  });

  it('writes the key behind what it belongs to', () => {
    const text = 'source: https://x/a.tar.gz\nversion: 1.10\ndeb:\n  release: 1\n';
    expect(declare(text)).toBe(
      text.replace('deb:', `checksums:\n  '1.10':\n    sha256: ${SUM}\ndeb:`),
    );
    expect(declare('deb: {}\n')).toBe(`checksums:\n  '1.10':\n    sha256: ${SUM}\ndeb: {}\n`);
  });

  it('takes a key that holds nothing', () => {
    expect(declare('version: 1.10\nchecksums:\ndeb: {}\n')).toBe(
      `version: 1.10\nchecksums:\n  '1.10':\n    sha256: ${SUM}\ndeb: {}\n`,
    );
  });

  it('keeps sources on top where they are, or where there are several', () => {
    const text = 'sources: { demo: a, bar: b }\n';
    expect(declare(text, true, '2', 'bar')).toBe(
      `${text}checksums:\n  bar:\n    '2':\n      sha256: ${SUM}\n`,
    );
    expect(declare('checksums: { demo: { 1: { sha256: 00 } } }\n')).toBe(
      `checksums: { demo: { 1: { sha256: 00 }, '1.10': { sha256: ${SUM} } } }\n`,
    );
  });

  it('adds to the checksums of a version', () => {
    expect(declare('checksums:\n  1.10:\n    sha512: 00\n')).toBe(
      `checksums:\n  1.10:\n    sha512: 00\n    sha256: ${SUM}\n`,
    );
  });

  it.each([
    'checksums: text\n',
    'checksums: { 1.10: text }\n',
    '- a\n',
    'checksums: &a { 1.10: *a }\n',
  ])('refuses %j', (text) => {
    expect(() => declare(text)).toThrow(
      expect.objectContaining({ code: 'ARTIFACT.BAD_DEFINITION' }),
    );
  });
});
