import { formatClientRepositories } from './client-repositories';

describe('formatClientRepositories', () => {
  const text = formatClientRepositories({
    instance: 'acme',
    name: 'ACME\n[evil]',
    uri: 'https://packages.example/acme/rpm',
    keyring: 'https://packages.example/acme/rpm/keyring.asc',
    distributions: [
      { name: 'el9', derivatives: ['main', 'extra'] },
      { name: 'el8', derivatives: ['main'] },
    ],
    enabled: ['main'],
  });
  const sections = text.split('\n\n').map((section) => section.trim());

  it('has a repository for each derivative and one for its sources', () => {
    expect(sections.map((section) => section.split('\n')[0])).toEqual([
      '[acme-el9-main]',
      '[acme-el9-main-source]',
      '[acme-el9-extra]',
      '[acme-el9-extra-source]',
      '[acme-el8-main]',
      '[acme-el8-main-source]',
    ]);
    expect(sections[0]).toBe(`[acme-el9-main]
name=ACME [evil]: el9 main
baseurl=https://packages.example/acme/rpm/el9/main/$basearch
enabled=1
gpgcheck=1
repo_gpgcheck=1
gpgkey=https://packages.example/acme/rpm/keyring.asc`);
  });

  it('enables what is chosen, of the first distribution, without sources', () => {
    expect(sections.filter((section) => section.includes('enabled=1'))).toEqual([sections[0]]);
  });
});
