import { FatbuildrError } from '@fatbuildr/errors';

/** What the exit statuses of mock mean (`mockbuild/exception.py` of it), for people. */
const MEANINGS: Readonly<Record<number, string>> = {
  1: 'something it ran failed',
  2: 'it has not the powers it needs',
  3: 'it does not take its configuration',
  5: 'it does not know one of its options',
  6: 'it cannot build for this architecture',
  10: 'rpmbuild failed',
  11: 'it took too long',
  20: 'the root could not be made',
  30: 'packages could not be installed',
  31: 'a build dependency is outside of all repositories',
  40: 'the source package cannot be installed',
  50: 'a command it ran failed',
  60: 'another mock uses the root',
  70: 'it cannot write to the folder of results',
  80: 'it may not separate namespaces',
};

/** @param what it was to do */
export const mockFailed = (what: string, status: number) =>
  new FatbuildrError(
    'RPM.MOCK_FAILED',
    `mock could not ${what}: ${MEANINGS[status] ?? 'for a reason that only the journal has'} (status ${status})`,
    { what, status },
  );
