import { parseMoment } from './moment';

const now = Date.parse('2026-11-10T12:00:00Z');
const parse = (text: string) => new Date(parseMoment('--since', text, now) * 1000).toISOString();

describe('a point in time on the command line', () => {
  it.each([
    ['30m', '2026-11-10T11:30:00.000Z'],
    ['2h', '2026-11-10T10:00:00.000Z'],
    ['3d', '2026-11-07T12:00:00.000Z'],
    ['1w', '2026-11-03T12:00:00.000Z'],
    ['2026-11-03T14:05Z', '2026-11-03T14:05:00.000Z'],
    ['2026-11-03 14:05:30+02:00', '2026-11-03T12:05:30.000Z'],
  ])('%s is %s', (text, expected) => expect(parse(text)).toBe(expected));

  it('is local without a zone', () => {
    expect(parseMoment('--since', '2026-11-03')).toBe(new Date(2026, 10, 3).getTime() / 1000);
    const afternoon = new Date(2026, 10, 3, 14, 5).getTime() / 1000;
    expect(parseMoment('--since', '2026-11-03 14:05')).toBe(afternoon);
  });

  it.each(['yesterday', '', '3', '3y', '2026-13-01', '1950-01-01', '2026-11-03 25:00'])(
    '"%s" is refused, with what is understood',
    (text) => expect(() => parse(text)).toThrow(/--since needs a date .* or an age .*, got/),
  );
});
