import {
  chooseMirror,
  keptSettings,
  parseDeb822Sources,
  parseOneLineSources,
  parseOsRelease,
} from './apt-configuration';

const DEB822 = `Types: deb deb-src
# the usual one
URIs: http://mirror.example.org/debian
Suites: bookworm bookworm-updates
Components: main
 contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.example.org/debian-security
Suites: bookworm-security
Components: main

Enabled: no
Types: deb
URIs: http://old.example.org/debian
Suites: bookworm
Components: main
`;

describe('sources of the host', () => {
  it('reads deb822 paragraphs, without comments and disabled ones', () => {
    expect(parseDeb822Sources(DEB822)).toEqual([
      {
        types: ['deb', 'deb-src'],
        uris: ['http://mirror.example.org/debian'],
        suites: ['bookworm', 'bookworm-updates'],
        components: ['main', 'contrib'],
        signedBy: '/usr/share/keyrings/debian-archive-keyring.gpg',
      },
      expect.objectContaining({ suites: ['bookworm-security'], signedBy: undefined }),
    ]);
  });

  it('reads an embedded key with its blank lines', () => {
    const [source] = parseDeb822Sources(
      'URIs: http://m.example.org\nSigned-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mQ==\n -----END PGP PUBLIC KEY BLOCK-----\n',
    );
    expect(source?.signedBy).toBe(
      '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQ==\n-----END PGP PUBLIC KEY BLOCK-----\n',
    );
  });

  it('reads one-line sources with options and comments', () => {
    const text = `# deb http://off.example.org x main
deb [arch=amd64 signed-by=/etc/apt/keyrings/a.gpg] https://mirror.example.org/debian bookworm main contrib # main one
deb-src http://mirror.example.org/debian bookworm main
`;
    expect(parseOneLineSources(text)).toEqual([
      {
        types: ['deb'],
        uris: ['https://mirror.example.org/debian'],
        suites: ['bookworm'],
        components: ['main', 'contrib'],
        signedBy: '/etc/apt/keyrings/a.gpg',
      },
      expect.objectContaining({ types: ['deb-src'] }),
    ]);
  });
});

describe('chooseMirror', () => {
  it('takes the source of the release itself, not of its security updates', () => {
    expect(chooseMirror(parseDeb822Sources(DEB822), 'bookworm', 'debian')?.uri).toBe(
      'http://mirror.example.org/debian',
    );
  });

  it("prefers the distribution's own mirror to a third party's of the same suite", () => {
    const sources = [
      ...parseOneLineSources('deb https://packages.example.org/tools bookworm main'),
      ...parseOneLineSources('deb http://mirror.example.org/debian bookworm main'),
    ];
    expect(chooseMirror(sources, 'bookworm', 'debian')?.uri).toBe(
      'http://mirror.example.org/debian',
    );
  });

  it('takes the only one there is, whatever it looks like', () => {
    const sources = parseOneLineSources('deb http://proxy.example.org/cache bookworm main');
    expect(chooseMirror(sources, 'bookworm', 'debian')?.uri).toBe('http://proxy.example.org/cache');
  });

  it.each([
    'deb-src http://mirror.example.org/debian bookworm main',
    'deb http://mirror.example.org/debian trixie main',
    'deb http://mirror.example.org/debian bookworm contrib',
    'deb file:/srv/mirror bookworm main',
  ])('finds none in "%s"', (line) => {
    expect(chooseMirror(parseOneLineSources(line), 'bookworm', 'debian')).toBeUndefined();
  });
});

it('keeps the settings that the reach of the mirror depends on, and no others', () => {
  const dump = [
    'APT::Architecture "amd64";',
    'Acquire::http::Proxy "http://proxy.example.org:3128";',
    'Acquire::http::Proxy::mirror.example.org "DIRECT";',
    'Acquire::Check-Valid-Until "false";',
    'Acquire::Languages "";',
    'Acquire::Retries "";',
  ].join('\n');
  expect(keptSettings(dump)).toEqual([
    'Acquire::http::Proxy "http://proxy.example.org:3128";',
    'Acquire::http::Proxy::mirror.example.org "DIRECT";',
    'Acquire::Check-Valid-Until "false";',
  ]);
});

it('reads os-release with and without quotes', () => {
  const release = parseOsRelease('ID=debian\nVERSION_CODENAME="bookworm"\n# x\n');
  expect([release.get('ID'), release.get('VERSION_CODENAME')]).toEqual(['debian', 'bookworm']);
});
