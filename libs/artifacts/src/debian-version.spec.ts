import { compareDebianVersions, withoutEpoch } from './debian-version';

describe('compareDebianVersions', () => {
  it.each([
    ['1.0', '1.1'],
    ['1.9', '1.10'],
    ['1.0~rc1', '1.0'],
    ['1.0~~', '1.0~'],
    ['1.0', '1.0a'],
    ['1.0a', '1.0+'],
    ['9.9', '1:0.1'],
    ['1.0-1', '1.0-1.deb12'],
    ['1.0-1.deb12', '1.0-1.deb12+build1'],
    ['1.0-1.deb12+build9', '1.0-1.deb12+build10'],
    ['1.0-1', '1.0-1-1'],
    ['2.10-1', '2.10+dfsg-1'],
    ['1.99999999999999999998', '1.99999999999999999999'],
  ])('puts %s before %s', (older, newer) => {
    expect(compareDebianVersions(older, newer)).toBeLessThan(0);
    expect(compareDebianVersions(newer, older)).toBeGreaterThan(0);
  });

  it.each([
    ['1.0', '1.0'],
    ['0:1.0', '1.0'],
    ['1.0-0', '1.0'],
    ['1.01', '1.1'],
  ])('takes %s and %s as equal', (a, b) => {
    expect(compareDebianVersions(a, b)).toBe(0);
  });
});

it('drops only the epoch', () => {
  expect(['2:1.0-1', '1.0-1'].map(withoutEpoch)).toEqual(['1.0-1', '1.0-1']);
});
