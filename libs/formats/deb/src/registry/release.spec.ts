import { formatRelease, parseRelease, type Release } from './release';

const RELEASE: Release = {
  origin: 'ACME Production',
  distribution: 'bookworm',
  date: Date.UTC(2026, 0, 2, 3, 4, 5),
  validUntil: Date.UTC(2026, 0, 9, 3, 4, 5),
  architectures: ['amd64', 'arm64'],
  components: ['main', 'extra'],
  entries: [
    { path: 'main/source/Sources', size: 0, sha256: 'e3', sha512: 'cf' },
    { path: 'main/binary-amd64/Packages', size: 1234, sha256: 'aa', sha512: 'bb' },
  ],
};

describe('formatRelease', () => {
  it('writes the fields apt needs, with strong digests only', () => {
    expect(formatRelease(RELEASE)).toBe(`Origin: ACME Production
Label: ACME Production
Suite: bookworm
Codename: bookworm
Date: Fri, 02 Jan 2026 03:04:05 UTC
Valid-Until: Fri, 09 Jan 2026 03:04:05 UTC
Architectures: amd64 arm64
Components: main extra
Description: ACME Production, bookworm
Acquire-By-Hash: yes
SHA256:
 aa 1234 main/binary-amd64/Packages
 e3    0 main/source/Sources
SHA512:
 bb 1234 main/binary-amd64/Packages
 cf    0 main/source/Sources
`);
  });

  it('leaves Valid-Until out where indices do not expire', () => {
    expect(formatRelease({ ...RELEASE, validUntil: undefined })).not.toContain('Valid-Until');
  });

  it('does not let the name of an instance add fields', () => {
    const text = formatRelease({ ...RELEASE, origin: 'ACME\nValid-Until: never' });
    expect(text).toMatch(/^Origin: ACME Valid-Until: never$/m);
  });

  it('is read back as it was', () => {
    const { entries, ...rest } = parseRelease(formatRelease(RELEASE));
    expect(rest).toEqual({ ...RELEASE, entries: undefined });
    expect(entries).toEqual(expect.arrayContaining([...RELEASE.entries]));
  });
});
