import { checkKeeping } from './keeping';

const DAY = 86_400_000;

describe('the time for which a failed build is kept', () => {
  it('is a length of time, within what the configuration allows', () => {
    expect(checkKeeping('2h', { keepFailed: DAY })).toBe('2h');
    expect(checkKeeping(' 1d ', { keepFailed: DAY })).toBe('1d');
  });

  it.each([
    ['soon', DAY, 'keep_failed: expected a length of time such as 30s, 10m, 2h or 1d, got "soon"'],
    ['0h', DAY, 'expected a length of time'],
    ['-1h', DAY, 'expected a length of time'],
    ['2d', DAY, 'keep_failed: at most 1d, as [tasks] keep_failed says, not 2d'],
    ['2h', undefined, 'keep_failed: [tasks] keep_failed of the daemon allows none'],
  ])('is refused as %j with at most %j', (text, keepFailed, reason) => {
    expect(() => checkKeeping(text, { keepFailed })).toThrow(reason);
  });
});
