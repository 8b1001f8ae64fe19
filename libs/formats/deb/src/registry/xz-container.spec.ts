import { execFileSync } from 'node:child_process';
import { readXzBlocks, xzHeader, xzTrailer, type XzBlock } from './xz-container';

const xz = (input: Buffer | string, ...options: string[]) =>
  execFileSync('xz', ['-c', ...options], { input, stdio: ['pipe', 'pipe', 'ignore'] });

const streamOf = (blocks: readonly XzBlock[]) =>
  Buffer.concat([xzHeader(), ...blocks.map(({ data }) => data), xzTrailer(blocks)]);

const TEXTS = ['one\n', 'Package: two\n'.repeat(30_000), 'three '.repeat(999), '4'];

describe('a stream put together of blocks compressed apart', () => {
  const blocks = TEXTS.flatMap((text) => readXzBlocks(xz(text)));

  it('passes the test of xz and holds the texts in their order, all in its first stream', () => {
    const stream = streamOf(blocks);
    xz(stream, '-t');
    expect(xz(stream, '-d').toString()).toBe(TEXTS.join(''));
    expect(xz(stream, '-d', '--single-stream').toString()).toBe(TEXTS.join(''));
  });

  it('is read back as it was', () => {
    expect(readXzBlocks(streamOf(blocks))).toEqual(blocks);
  });

  it('may have its blocks in another order, or none', () => {
    const reversed = [...blocks].reverse();
    expect(xz(streamOf(reversed), '-d').toString()).toBe([...TEXTS].reverse().join(''));
    expect(xz(streamOf([]), '-d').toString()).toBe('');
    expect(readXzBlocks(streamOf([]))).toEqual([]);
  });
});

it('keeps apart the blocks that xz makes of one input', () => {
  const blocks = readXzBlocks(xz('aaabbbbc', '--block-list=3,4,1'));
  expect(blocks.map(({ uncompressed }) => uncompressed)).toEqual([3, 4, 1]);
  expect(blocks.map((block) => xz(streamOf([block]), '-d').toString())).toEqual([
    'aaa',
    'bbbb',
    'c',
  ]);
});

it.each([
  ['no stream', Buffer.from('hello, this is no stream of xz at all')],
  ['nothing', Buffer.alloc(0)],
  ['another check', xz('x', '--check=crc32')],
  ['two streams', Buffer.concat([xz('x'), xz('y')])],
  ['a stream cut short', xz('x').subarray(0, -4)],
  ['an index that was changed', flipped(xz('x'), -20)],
])('refuses %s', (_what, data) => {
  expect(() => readXzBlocks(data)).toThrow(/xz stream/);
});

function flipped(data: Buffer, at: number): Buffer {
  const changed = Buffer.from(data);
  changed[changed.length + at] = ~(changed.at(at) ?? 0) & 0xff;
  return changed;
}
