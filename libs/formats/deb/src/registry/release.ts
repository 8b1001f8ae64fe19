import { parseStanzas } from './deb822';

/** A file listed in Release; the path is relative to the distribution's folder. */
export interface IndexEntry {
  path: string;
  /** Bytes. */
  size: number;
  sha256: string;
  sha512: string;
}

export interface Release {
  /** Origin and Label. */
  origin: string;
  distribution: string;
  /** Milliseconds since the epoch. */
  date: number;
  validUntil: number | undefined;
  /** Debian's names. */
  architectures: readonly string[];
  components: readonly string[];
  entries: readonly IndexEntry[];
}

/** The text of a Release file (https://wiki.debian.org/DebianRepository/Format), entries in the order of their paths. */
export function formatRelease(release: Release): string {
  const { distribution, date, validUntil } = release;
  const origin = oneLine(release.origin);
  const entries = [...release.entries].sort((a, b) => (a.path < b.path ? -1 : 1));
  const width = Math.max(0, ...entries.map(({ size }) => String(size).length));
  const lines = [
    `Origin: ${origin}`,
    `Label: ${origin}`,
    `Suite: ${distribution}`,
    `Codename: ${distribution}`,
    `Date: ${formatDate(date)}`,
    ...(validUntil === undefined ? [] : [`Valid-Until: ${formatDate(validUntil)}`]),
    `Architectures: ${release.architectures.join(' ')}`,
    `Components: ${release.components.join(' ')}`,
    `Description: ${origin}, ${distribution}`,
    'Acquire-By-Hash: yes',
  ];
  for (const [field, key] of [
    ['SHA256', 'sha256'],
    ['SHA512', 'sha512'],
  ] as const) {
    lines.push(`${field}:`);
    for (const entry of entries) {
      lines.push(` ${entry[key]} ${String(entry.size).padStart(width)} ${entry.path}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

/**
 * Reads what `formatRelease` wrote, clear-signed or not.
 *
 * @throws Error when it is not one paragraph of fields
 */
export function parseRelease(text: string): Release {
  const [stanza] = parseStanzas(text);
  if (stanza === undefined) throw new Error('an empty Release file');
  const sha256 = digests(stanza.get('SHA256'));
  const sha512 = digests(stanza.get('SHA512'));
  const validUntil = stanza.get('Valid-Until');
  return {
    origin: stanza.get('Origin') ?? '',
    distribution: stanza.get('Codename') ?? '',
    date: Date.parse(stanza.get('Date') ?? ''),
    validUntil: validUntil === undefined ? undefined : Date.parse(validUntil),
    architectures: words(stanza.get('Architectures')),
    components: words(stanza.get('Components')),
    entries: [...sha256].map(([path, { digest, size }]) => ({
      path,
      size,
      sha256: digest,
      sha512: sha512.get(path)?.digest ?? '',
    })),
  };
}

/** Free text of the instance file must not become further fields. */
export function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** Debian writes UTC where Node writes GMT; whole seconds. */
function formatDate(milliseconds: number): string {
  return new Date(milliseconds).toUTCString().replace(/GMT$/, 'UTC');
}

function words(value = ''): string[] {
  return value.split(/\s+/).filter(Boolean);
}

function digests(value = ''): Map<string, { digest: string; size: number }> {
  const found = new Map<string, { digest: string; size: number }>();
  for (const line of value.split('\n')) {
    const [digest, size, path] = words(line);
    if (digest !== undefined && path !== undefined) found.set(path, { digest, size: Number(size) });
  }
  return found;
}
