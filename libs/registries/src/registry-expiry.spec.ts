import { isResigningDue } from './registry-expiry';

const NOW = Date.UTC(2026, 0, 1);

it.each([
  ['more than half of the validity is left', 100, NOW + 51, false],
  ['less than half of it is left', 100, NOW + 49, true],
  ['the index has expired', 100, NOW - 1, true],
  ['the index never expires and should', 100, undefined, true],
  ['the index expires and should not', undefined, NOW + 1000, true],
  ['indices never expire', undefined, undefined, false],
])('when %s', (_what, validity, expiry, due) => {
  expect(isResigningDue(validity, expiry, NOW)).toBe(due);
});
