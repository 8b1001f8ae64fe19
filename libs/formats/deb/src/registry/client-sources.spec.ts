import { formatClientSources } from './client-sources';

const REGISTRY = {
  name: 'ACME Production',
  uri: 'https://packages.acme.example/prod/deb',
  distributions: ['bookworm'],
  derivatives: ['main'],
  key: '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDME\n-----END PGP PUBLIC KEY BLOCK-----\n',
};

describe('formatClientSources', () => {
  it('embeds the key so that nothing else has to be installed', () => {
    expect(formatClientSources(REGISTRY)).toBe(`# ACME Production
Types: deb deb-src
URIs: https://packages.acme.example/prod/deb
Suites: bookworm
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 mDME
 -----END PGP PUBLIC KEY BLOCK-----
`);
  });

  it('enables one distribution and names the derivatives a client may add', () => {
    const text = formatClientSources({
      ...REGISTRY,
      distributions: ['bookworm', 'trixie'],
      derivatives: ['main', 'extra', 'full'],
    });
    expect(text).toContain('# Further components: extra full\n');
    expect(text.match(/^(Enabled|Suites): .*$/gm)).toEqual([
      'Suites: bookworm',
      'Enabled: no',
      'Suites: trixie',
    ]);
  });

  it('enables the components a client asked for', () => {
    const derivatives = ['main', 'extra', 'full'];
    const components = ['extra', 'main'];
    const text = formatClientSources({ ...REGISTRY, derivatives, components });
    expect(text).toContain('Components: extra main\n');
    expect(text).toContain('# Further components: full\n');
  });
});
