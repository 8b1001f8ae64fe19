import { checkModules, mirrorRepositories, releaseOf, repositoryFile } from './dnf-configuration';

const AT = { architecture: 'x86_64', release: '9', keys: ['/etc/fatbuildr/keys/rocky.asc'] };

describe('the configuration of dnf', () => {
  it('has a repository for each component of the mirror', () => {
    const mirror = 'https://mirror.example/$releasever/$component/$basearch/os';
    const components = ['BaseOS', 'AppStream'];
    expect(repositoryFile(mirrorRepositories({ mirror, components, modules: [] }, AT)))
      .toBe(`[environment-BaseOS]
name=environment-BaseOS
baseurl=https://mirror.example/9/BaseOS/x86_64/os
gpgcheck=1
repo_gpgcheck=0
gpgkey=file:///etc/fatbuildr/keys/rocky.asc

[environment-AppStream]
name=environment-AppStream
baseurl=https://mirror.example/9/AppStream/x86_64/os
gpgcheck=1
repo_gpgcheck=0
gpgkey=file:///etc/fatbuildr/keys/rocky.asc
`);
  });

  it('has one repository for a mirror without components, and checks what there are keys for', () => {
    const origin = { mirror: 'http://mirror.example/el', components: [], modules: [] };
    const [repository] = mirrorRepositories(origin, { ...AT, keys: [] });
    expect(repository).toEqual({ id: 'environment-base', url: origin.mirror, keys: [] });
    expect(repositoryFile([repository!])).toContain('\ngpgcheck=0\n');
  });

  it('puts what the instance has published first', () => {
    const file = repositoryFile([
      {
        id: 'own',
        url: 'file:///media/el9',
        keys: ['/mnt/own.asc'],
        priority: 10,
        signedIndex: true,
      },
    ]);
    expect(file).toMatch(/gpgcheck=1\nrepo_gpgcheck=1\n.*\npriority=10\nmetadata_expire=0\n/);
  });

  it.each([
    ['file:///srv/mirror', [], 'http://'],
    ['http://mirror.example/\nenabled=0', [], 'http://'],
    ['http://mirror.example/$component', [], 'no components are named'],
    ['http://mirror.example/', ['BaseOS'], 'no "$component"'],
    ['http://mirror.example/$component', ['a]\n[b'], 'is no component'],
  ])('refuses the mirror %j with components %j', (mirror, components, message) => {
    expect(() => mirrorRepositories({ mirror, components, modules: [] }, AT)).toThrow(message);
  });

  it.each([
    ['rocky-9', '9'],
    ['fedora-40', '40'],
    ['rawhide', '1'],
  ])('takes %s for release %s', (environment, release) => {
    expect(releaseOf(environment)).toBe(release);
  });

  it('refuses what is no module', () => {
    expect(checkModules(['nodejs:18'])).toEqual(['nodejs:18']);
    expect(() => checkModules(['nodejs'])).toThrow('"nodejs" is not a module');
    expect(() => checkModules(['--nogpgcheck'])).toThrow('is not a module');
  });
});
