import { oneLine } from './release';

/**
 * A file for `/etc/apt/sources.list.d` (sources.list(5), deb822 style) with the key embedded. A client wants
 * one distribution: where there are several, the first is enabled and the others wait for their turn.
 *
 * @param uri address of the registry's folder
 * @param key armored public key
 */
export function formatClientSources(registry: {
  name: string;
  uri: string;
  distributions: readonly string[];
  /** Beyond `main`; named in a comment, for they are a choice of the client. */
  derivatives: readonly string[];
  /** Those that are enabled; `main` alone when absent. */
  components?: readonly string[];
  key: string;
}): string {
  const components = registry.components ?? ['main'];
  const others = registry.derivatives.filter((name) => !components.includes(name));
  const header = [`# ${oneLine(registry.name)}`];
  if (others.length > 0) header.push(`# Further components: ${others.join(' ')}`);
  const stanzas = registry.distributions.map((distribution, at) =>
    [
      ...(at === 0 ? [] : ['Enabled: no']),
      'Types: deb deb-src',
      `URIs: ${registry.uri}`,
      `Suites: ${distribution}`,
      `Components: ${components.join(' ')}`,
      'Signed-By:',
      ...registry.key
        .trim()
        .split('\n')
        .map((line) => ` ${line.trim() === '' ? '.' : line.trim()}`),
    ].join('\n'),
  );
  return `${header.join('\n')}\n${stanzas.join('\n\n')}\n`;
}
