import { formatInterval, parseDuration, parseInterval, parseTimer } from './durations';

const DAY = 86_400;

describe('parseDuration', () => {
  it.each([
    ['10', 10 * DAY],
    ['10d', 10 * DAY],
    ['3w', 21 * DAY],
    ['6m', 180 * DAY],
    ['2y', 730 * DAY],
    ['100y', 36_500 * DAY],
    ['no', undefined],
    ['0', undefined],
    ['0y', undefined],
  ])('reads %s', (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds);
  });

  it.each(['', '-1', '1.5y', '10h', '3 w', 'yes', '101y', '9999999999'])('refuses "%s"', (text) => {
    expect(() => parseDuration(text)).toThrow(`got "${text}"`);
  });
});

describe('parseInterval', () => {
  it.each([
    ['30s', 30_000],
    ['10m', 600_000],
    ['2h', 7_200_000],
    ['1d', 86_400_000],
    ['2w', 1_209_600_000],
  ])('reads %s', (text, milliseconds) => {
    expect(parseInterval(text)).toBe(milliseconds);
  });

  it.each(['', '0m', '10', '1y', '-5s', '1.5h'])('refuses "%s"', (text) => {
    expect(() => parseInterval(text)).toThrow(`got "${text}"`);
  });
});

describe('formatInterval', () => {
  it.each(['45s', '90m', '5h', '3d', '2w'])('writes %s as it was read', (text) => {
    expect(formatInterval(parseInterval(text))).toBe(text);
  });

  it('chooses the greatest unit without rest', () => {
    expect(formatInterval(parseInterval('24h'))).toBe('1d');
    expect(formatInterval(1500)).toBe('1500 ms');
  });
});

describe('parseTimer', () => {
  it('refuses what a timer of Node would take for no delay at all', () => {
    expect(parseTimer('24d')).toBe(24 * 86_400_000);
    expect(() => parseTimer('25d')).toThrow('at most 24 days');
  });
});
