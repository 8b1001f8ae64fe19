/** A package source as APT's configuration of the host names it. */
export interface ConfiguredSource {
  types: readonly string[];
  uris: readonly string[];
  suites: readonly string[];
  components: readonly string[];
  /** Path of a keyring, or an armored key itself; `undefined`: the keyrings APT trusts anyway. */
  signedBy: string | undefined;
}

/** The mirror of a distribution. */
export interface Mirror {
  uri: string;
  components: readonly string[];
  signedBy: string | undefined;
}

/** One-line style (sources.list(5)): `deb [option=value …] uri suite component…`. */
export function parseOneLineSources(text: string): ConfiguredSource[] {
  const sources: ConfiguredSource[] = [];
  for (const raw of text.split('\n')) {
    const line = raw.replace(/#.*/, '').trim();
    const match = /^(deb|deb-src)\s+(?:\[([^\]]*)\]\s*)?(\S+)\s+(\S+)\s*(.*)$/.exec(line);
    if (!match) continue;
    const [, type = '', options = '', uri = '', suite = '', components = ''] = match;
    sources.push({
      types: [type],
      uris: [uri],
      suites: [suite],
      components: words(components),
      signedBy: /(?:^|\s)signed-by=(\S+)/i.exec(options)?.[1],
    });
  }
  return sources;
}

/** deb822 style (sources.list(5)), one paragraph per source. */
export function parseDeb822Sources(text: string): ConfiguredSource[] {
  // Comments may stand anywhere, even between the continuation lines of a key.
  const lines = text.split('\n').filter((line) => !line.startsWith('#'));
  return lines
    .join('\n')
    .split(/\n\s*\n/)
    .map(fieldsOf)
    .filter((fields) => fields.has('uris') && !isFalse(fields.get('enabled')))
    .map((fields) => ({
      types: words(fields.get('types')),
      uris: words(fields.get('uris')),
      suites: words(fields.get('suites')),
      components: words(fields.get('components')),
      signedBy: signedBy(fields.get('signed-by')),
    }));
}

/**
 * The source that carries the release itself, not its updates and not a third party's packages for it:
 * among those with component `main` of exactly that suite the one that looks most like the
 * distribution's own, by its address, its keyring and its further suites.
 *
 * @param release `VERSION_CODENAME` of the host
 * @param distribution `ID` of the host, `debian`
 */
export function chooseMirror(
  sources: readonly ConfiguredSource[],
  release: string,
  distribution: string,
): Mirror | undefined {
  const updated = new Set(
    sources.flatMap(({ uris, suites }) => (suites.includes(`${release}-updates`) ? uris : [])),
  );
  let best: { mirror: Mirror; points: number } | undefined;
  for (const { types, uris, suites, components, signedBy } of sources) {
    if (!types.includes('deb') || !suites.includes(release) || !components.includes('main'))
      continue;
    for (const uri of uris) {
      if (!/^https?:\/\/./.test(uri)) continue;
      const points =
        Number(new URL(uri).pathname.split('/').includes(distribution)) +
        Number(signedBy?.includes(`${distribution}-archive`) ?? false) +
        Number(updated.has(uri));
      if (best === undefined || points > best.points) {
        best = { mirror: { uri, components, signedBy }, points };
      }
    }
  }
  return best?.mirror;
}

/** Settings of the host's APT that the reach of its mirror depends on. */
const KEPT_SETTINGS =
  /^Acquire::(?:(?:http|https)::(?:Proxy(?:::\S+)?|Timeout|Verify-Peer|Verify-Host)|Check-Valid-Until|Check-Date|Retries|ForceIPv[46])$/;

/** Lines of `apt-config dump` worth handing on, as lines of an apt.conf. */
export function keptSettings(dump: string): string[] {
  const kept: string[] = [];
  for (const line of dump.split('\n')) {
    const [, name = '', value = ''] = /^(\S+) "(.*)";$/.exec(line) ?? [];
    if (KEPT_SETTINGS.test(name) && value !== '') kept.push(`${name} "${value}";`);
  }
  return kept;
}

/** `NAME=value` lines of os-release(5). */
export function parseOsRelease(text: string): ReadonlyMap<string, string> {
  const entries = text.split('\n').flatMap((line): [string, string][] => {
    const match = /^([A-Z0-9_]+)=(?:"(.*)"|'(.*)'|(.*))$/.exec(line.trim());
    return match ? [[match[1] ?? '', match[2] ?? match[3] ?? match[4] ?? '']] : [];
  });
  return new Map(entries);
}

function fieldsOf(paragraph: string): Map<string, string> {
  const fields = new Map<string, string>();
  let name: string | undefined;
  for (const line of paragraph.split('\n')) {
    const field = /^([!-9;-~]+):\s*(.*)$/.exec(line);
    if (field) {
      name = (field[1] ?? '').toLowerCase();
      fields.set(name, field[2] ?? '');
    } else if (name !== undefined && /^\s/.test(line)) {
      fields.set(name, `${fields.get(name) ?? ''}\n${line.trim()}`);
    }
  }
  return fields;
}

/** A path, or an embedded key whose blank lines are written as dots. */
function signedBy(value: string | undefined): string | undefined {
  const text = value?.trim();
  if (!text) return undefined;
  return text.includes('BEGIN PGP') ? `${text.replace(/^\.$/gm, '')}\n` : words(text)[0];
}

/** What APT takes for false. */
function isFalse(value: string | undefined): boolean {
  return /^(?:no|false|without|off|disable|0)$/i.test(value?.trim() ?? '');
}

function words(text = ''): string[] {
  return text.split(/\s+/).filter(Boolean);
}
