import { parsePurge } from './purge-policy';
import { parseSize } from './sizes';

describe('parseSize', () => {
  it.each([
    ['50GB', 50e9],
    ['1.5 TB', 1.5e12],
    ['800Mb', 100e6],
    ['8Gb', 1e9],
    ['1Tb', 125e9],
    ['1024', 1024],
  ])('reads %s', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  it.each(['', '0', '-1GB', '4 gb', '4G', '4KB', '1e9', '99999999TB'])('refuses "%s"', (text) => {
    expect(() => parseSize(text)).toThrow(`got "${text}"`);
  });
});

describe('parsePurge', () => {
  it.each([
    ['older:7d', { kind: 'older', age: 7 * 86_400_000 }],
    ['older:12h', { kind: 'older', age: 12 * 3_600_000 }],
    ['older:6m', { kind: 'older', age: 180 * 86_400_000 }],
    ['older:1y', { kind: 'older', age: 365 * 86_400_000 }],
    ['last:100', { kind: 'last', count: 100 }],
    ['size:50GB', { kind: 'size', bytes: 50e9 }],
    ['each:3', { kind: 'each', count: 3 }],
  ])('reads %s', (text, policy) => {
    expect(parsePurge(text)).toEqual(policy);
  });

  it.each(['', 'older:7', 'older:0d', 'older:7w', 'last:0', 'last:many', 'size:big', 'newer:1d'])(
    'refuses "%s"',
    (text) => {
      expect(() => parsePurge(text)).toThrow(/expected .*, got/);
    },
  );
});
