/**
 * A file for `/etc/yum.repos.d` (dnf.conf(5)): a repository for each derivative, and one for its sources.
 *
 * @param registry `uri`: address of the registry's folder; `keyring`: of its public key
 */
export function formatClientRepositories(registry: {
  instance: string;
  name: string;
  uri: string;
  keyring: string;
  distributions: readonly { name: string; derivatives: readonly string[] }[];
  /** Names of the derivatives that are enabled, in the first of the distributions. */
  enabled: readonly string[];
}): string {
  const sections = registry.distributions.flatMap(({ name: distribution, derivatives }, at) =>
    derivatives.flatMap((derivative) => {
      const isEnabled = at === 0 && registry.enabled.includes(derivative);
      const id = `${registry.instance}-${distribution}-${derivative}`;
      const title = `${oneLine(registry.name)}: ${distribution} ${derivative}`;
      const place = `${registry.uri}/${distribution}/${derivative}`;
      return [
        section(id, title, `${place}/$basearch`, isEnabled, registry.keyring),
        section(`${id}-source`, `${title} (sources)`, `${place}/source`, false, registry.keyring),
      ];
    }),
  );
  return sections.join('\n');
}

function section(id: string, name: string, baseurl: string, isEnabled: boolean, keyring: string) {
  return `[${id}]
name=${name}
baseurl=${baseurl}
enabled=${isEnabled ? 1 : 0}
gpgcheck=1
repo_gpgcheck=1
gpgkey=${keyring}
`;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
