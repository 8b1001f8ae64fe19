import { binaryEntry, buildHeader, headerLength, RpmHeader, type HeaderEntry } from './rpm-header';

const REGION = 62;

const text = (tag: number, ...values: string[]): HeaderEntry => ({
  tag,
  type: 8,
  count: values.length,
  data: Buffer.from(values.map((value) => `${value}\0`).join('')),
});

const numbers = (tag: number, ...values: number[]): HeaderEntry => {
  const data = Buffer.alloc(values.length * 4);
  values.forEach((value, at) => data.writeUInt32BE(value, at * 4));
  return { tag, type: 4, count: values.length, data };
};

const ENTRIES = [
  text(1000, 'demo'),
  numbers(1028, 1, 2, 0xffffffff),
  text(1117, 'a', '', 'ü'),
  binaryEntry(267, Buffer.from([1, 2, 3])),
];

/** The bytes of an entry in the index of a header: the region's is the first. */
const entryAt = (at: number) => 16 + at * 16;

describe('RpmHeader', () => {
  it('reads what was written, every type of it', () => {
    const header = new RpmHeader(buildHeader(REGION, ENTRIES));
    expect(header.text(1000)).toBe('demo');
    expect(header.texts(1117)).toEqual(['a', '', 'ü']);
    expect(header.numbers(1028)).toEqual([1, 2, 0xffffffff]);
    expect(header.binary(267)).toEqual(Buffer.from([1, 2, 3]));
    expect(header.all(REGION)).toEqual([...ENTRIES].sort((a, b) => a.tag - b.tag));
  });

  it('has nothing for a tag that is missing', () => {
    const header = new RpmHeader(buildHeader(REGION, ENTRIES));
    expect(header.text(1)).toBeUndefined();
    expect(header.texts(1)).toEqual([]);
    expect(header.number(1)).toBeUndefined();
    expect(header.binary(1)).toBeUndefined();
  });

  it('is written again to the same bytes', () => {
    const bytes = buildHeader(REGION, ENTRIES);
    expect(buildHeader(REGION, new RpmHeader(bytes).all(REGION))).toEqual(bytes);
  });

  it.each([
    ['another magic', (bytes: Buffer) => bytes.fill(0, 0, 1), /does not begin/],
    ['no entries', (bytes: Buffer) => bytes.fill(0, 8, 12), /none of a package/],
    ['too many entries', (bytes: Buffer) => bytes.fill(0xff, 8, 12), /none of a package/],
    ['too much data', (bytes: Buffer) => bytes.fill(0xff, 12, 16), /none of a package/],
    ['its end cut off', (bytes: Buffer) => bytes.subarray(0, -1), /ends too early/],
    ['four bytes alone', (bytes: Buffer) => bytes.subarray(0, 4), /does not begin/],
  ])('refuses one with %s', (_, damage, reason) => {
    expect(() => new RpmHeader(damage(buildHeader(REGION, ENTRIES)))).toThrow(reason);
  });

  it.each([
    ['an offset beyond its data', 8, 0x7fffffff, /reaches beyond/],
    ['more values than it has data', 12, 1000, /reaches beyond/],
    ['a million times a million values', 12, 0xffffffff, /none of a package/],
    ['a type of its own', 4, 77, /is no number/],
  ])('refuses numbers with %s', (_, field, value, reason) => {
    const bytes = buildHeader(REGION, [numbers(1028, 1, 2)]);
    bytes.writeUInt32BE(value, entryAt(1) + field);
    expect(() => new RpmHeader(bytes).numbers(1028)).toThrow(reason);
  });

  it('refuses a text that does not end', () => {
    const bytes = buildHeader(REGION, [text(1000, 'demo')]);
    bytes.fill('x', entryAt(2));
    expect(() => new RpmHeader(bytes).text(1000)).toThrow(/reaches beyond/);
  });

  it('tells its length before it is read', () => {
    const bytes = buildHeader(REGION, ENTRIES);
    expect(headerLength(bytes.subarray(0, 16))).toBe(bytes.length);
  });
});
