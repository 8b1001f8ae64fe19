import { formatIndex, formatSums, parseIndex } from './signed-sums';

const a = 'a'.repeat(64);
const b = 'b'.repeat(64);

describe('the list of digests', () => {
  const index = formatIndex('stable', Date.UTC(2026, 0, 2), [
    formatSums([
      { sha256: a, path: 'main/hello/hello-1.0-1.json' },
      { sha256: b, path: 'main/hello/hello-1.0-1.tar.xz' },
    ]),
    formatSums([{ sha256: b, path: 'extra/zed/zed-1-1.json' }]),
  ]);

  it('names distribution and date, and the files in the order of their paths', () => {
    expect(index).toBe(
      [
        '# Distribution: stable',
        '# Date: 2026-01-02T00:00:00.000Z',
        `${b}  extra/zed/zed-1-1.json`,
        `${a}  main/hello/hello-1.0-1.json`,
        `${b}  main/hello/hello-1.0-1.tar.xz`,
        '',
      ].join('\n'),
    );
  });

  it('is read back out of its signature', () => {
    const signed = `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n${index}-----BEGIN PGP SIGNATURE-----\n\n${'c'.repeat(64)}\n-----END PGP SIGNATURE-----\n`;
    expect(parseIndex(signed).map(({ path }) => path)).toEqual([
      'extra/zed/zed-1-1.json',
      'main/hello/hello-1.0-1.json',
      'main/hello/hello-1.0-1.tar.xz',
    ]);
  });

  it('may be empty', () => {
    expect(parseIndex(formatIndex('stable', 0, []))).toEqual([]);
  });
});
