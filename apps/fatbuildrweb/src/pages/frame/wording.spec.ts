import { agoText, counted, durationText, moment, sizeText } from './wording';

describe('durationText', () => {
  it.each([
    [420, '0.4 s'],
    [9_940, '9.9 s'],
    [59_400, '59 s'],
    [59_900, '1 min 00 s'],
    [187_000, '3 min 07 s'],
    [7_500_000, '2 h 05 min'],
    [273_600_000, '3 d 4 h'],
    [-5, '0.0 s'],
  ])('writes %d ms as %s', (milliseconds, text) => {
    expect(durationText(milliseconds)).toBe(text);
  });
});

describe('agoText', () => {
  const now = Date.UTC(2026, 10, 25, 12);
  it.each([
    [now - 20_000, 'just now'],
    [now - 60_000, '1 minute ago'],
    [now - 47 * 3_600_000, '47 hours ago'],
    [now - 49 * 3_600_000, '2 days ago'],
    [now + 3 * 86_400_000, 'in 3 days'],
  ])('tells %d from now', (then, text) => {
    expect(agoText(then, now)).toBe(text);
  });

  it('is one of three ways to tell a moment', () => {
    expect(moment(now, now)).toEqual({
      iso: '2026-11-25T12:00:00.000Z',
      full: '2026-11-25 12:00:00 UTC',
      ago: 'just now',
    });
  });
});

describe('sizeText', () => {
  it.each([
    [-1, 'unknown'],
    [0, '0 B'],
    [999, '999 B'],
    [1400, '1.4 kB'],
    [15_200_000, '15 MB'],
    [3.4e15, '3400 TB'],
  ])('writes %d as %s', (bytes, text) => {
    expect(sizeText(bytes)).toBe(text);
  });
});

it('counts one and many', () => {
  expect([counted(1, 'task'), counted(0, 'task'), counted(2, 'task')]).toEqual([
    '1 task',
    '0 tasks',
    '2 tasks',
  ]);
});
