import { compareRpmVersions, parseEvr } from './rpm-version';

describe('compareRpmVersions', () => {
  it.each([
    ['1.0', '1.1'],
    ['1.9', '1.10'],
    ['1.0', '1.0.1'],
    ['1.0~rc1', '1.0'],
    ['1.0~~', '1.0~'],
    ['1.0~rc1', '1.0~rc1^git1'],
    ['1.0', '1.0^git1'],
    ['1.0^git1', '1.0.1'],
    ['1.0^git1', '1.0^git2'],
    ['1.0^git1~pre', '1.0^git1'],
    ['1.0a', '1.0b'],
    ['1.0a', '1.0.1'],
    ['1.0', '1.0a'],
    ['2.0', '2.0a'],
    ['xyz', '8'],
    ['9.9-1', '1:0.1-1'],
    ['1.0-1.el8', '1.0-1.el9'],
    ['1.0-1', '1.0-1.el9'],
    ['1.0-9', '1.0-10'],
    ['1.99999999999999999998', '1.99999999999999999999'],
  ])('puts %s before %s', (older, newer) => {
    expect(compareRpmVersions(older, newer)).toBeLessThan(0);
    expect(compareRpmVersions(newer, older)).toBeGreaterThan(0);
  });

  it.each([
    ['1.0-1', '1.0-1'],
    ['0:1.0', '1.0'],
    ['1.01', '1.1'],
    ['1.0', '1_0'],
    ['2.0.', '2.0'],
    ['1.0', '1.0-7'],
  ])('takes %s and %s as equal', (a, b) => {
    expect(compareRpmVersions(a, b)).toBe(0);
  });
});

describe('parseEvr', () => {
  it.each([
    ['1:2.0-3.el9', { epoch: '1', version: '2.0', release: '3.el9' }],
    ['2.0', { epoch: '0', version: '2.0', release: '' }],
    [':2.0', { epoch: '0', version: '2.0', release: '' }],
    ['', { epoch: '0', version: '', release: '' }],
  ])('takes %s apart', (text, expected) => {
    expect(parseEvr(text)).toEqual(expected);
  });
});
