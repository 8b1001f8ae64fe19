/** Debian's architecture names and the normalized ones; those not listed are spelled alike. */
const NORMALIZED: ReadonlyMap<string, string> = new Map([
  ['all', 'noarch'],
  ['amd64', 'x86_64'],
  ['arm64', 'aarch64'],
  ['armhf', 'armv7l'],
  ['i386', 'i686'],
  ['loong64', 'loongarch64'],
  ['ppc64el', 'ppc64le'],
  ['source', 'src'],
]);

const DEBIAN = new Map([...NORMALIZED].map(([debian, normalized]) => [normalized, debian]));

/** `amd64` → `x86_64`, `all` → `noarch`. */
export function normalizedArchitecture(debian: string): string {
  return NORMALIZED.get(debian) ?? debian;
}

/** `x86_64` → `amd64`, `src` → `source`. */
export function debianArchitecture(normalized: string): string {
  return DEBIAN.get(normalized) ?? normalized;
}
