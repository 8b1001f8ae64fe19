/** What a definition says of where packages come from. */
export interface DefinedOrigin {
  /** `undefined`: mkosi takes that of the image it runs in, which is the host's. */
  distribution: string | undefined;
  mirror: string | undefined;
}

/** Two settings of mkosi's INI files; a later one counts. */
export function parseOrigin(definition: string): DefinedOrigin {
  const setting = (name: string) => {
    const pattern = new RegExp(`^@?${name}[ \\t]*=[ \\t]*(\\S*)`, 'gm');
    return [...definition.matchAll(pattern)].at(-1)?.[1] || undefined;
  };
  return { distribution: setting('Distribution'), mirror: setting('Mirror') };
}

/**
 * The mirror that mkosi is told of: the definition's own needs no telling, else what the site configured, else
 * the host's for a system of the host's distribution.
 *
 * @param host undefined where the host has no APT mirror
 */
export function chooseMirror(
  { distribution, mirror }: DefinedOrigin,
  configured: string | undefined,
  host: { distribution: string; mirror: { uri: string } } | undefined,
): string | undefined {
  if (mirror !== undefined) return undefined;
  if (configured !== undefined) return configured;
  return distribution === undefined || distribution === host?.distribution
    ? host?.mirror.uri
    : undefined;
}

/** The proxies of APT's settings, as all other programs are told of them. */
export function proxyVariables(settings: readonly string[]): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const line of settings) {
    const [, scheme, uri] = /^Acquire::(https?)::Proxy "(.+)";$/.exec(line) ?? [];
    if (scheme !== undefined && uri !== undefined && uri !== 'DIRECT') {
      variables[`${scheme}_proxy`] = uri;
    }
  }
  return variables;
}
