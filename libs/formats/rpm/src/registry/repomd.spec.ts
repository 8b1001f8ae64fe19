import { formatRepomd, parseRepomd } from './repomd';

const entry = (seed: string) => ({
  sha256: seed.repeat(64),
  size: 10,
  openSha256: seed.toUpperCase().repeat(64),
  openSize: 20,
  timestamp: 30,
});
const ENTRIES = { primary: entry('a'), filelists: entry('b'), other: entry('c') };

describe('repomd.xml', () => {
  it('is read as it was written', () => {
    expect(parseRepomd(formatRepomd(7, ENTRIES))).toEqual({ revision: 7, entries: ENTRIES });
  });

  it.each([
    ['another size', (text: string) => text.replace('<size>10', '<size>x')],
    ['more than ours', (text: string) => `${text}<data/>`],
    ['nothing', () => ''],
  ])('is refused with %s', (_, change) => {
    expect(() => parseRepomd(change(formatRepomd(7, ENTRIES)))).toThrow('not a repomd.xml of ours');
  });
});
