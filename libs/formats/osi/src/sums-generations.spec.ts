import { formatSums, joinSums, parseSums } from './sums-generations';

const a = 'a'.repeat(64);
const b = 'b'.repeat(64);

describe('the sums of a derivative', () => {
  const text = joinSums([
    formatSums([
      { sha256: a, name: 'zed_1-0.raw' },
      { sha256: b, name: 'zed_1-0.manifest' },
    ]),
    formatSums([{ sha256: b, name: 'demo_1-0.tar.xz' }]),
  ]);

  it('have a line for each file, in the order of the names', () => {
    expect(text).toBe(`${b}  demo_1-0.tar.xz\n${b}  zed_1-0.manifest\n${a}  zed_1-0.raw\n`);
  });

  it('are read back, without what names another folder', () => {
    expect(parseSums(`${text}${a}  ../zed_1-0.raw\n`).map(({ name }) => name)).toEqual([
      'demo_1-0.tar.xz',
      'zed_1-0.manifest',
      'zed_1-0.raw',
    ]);
  });

  it('may be none', () => {
    expect(parseSums(joinSums([]))).toEqual([]);
  });
});
