import { chooseMirror, parseOrigin, proxyVariables } from './mirror';

const HOST = { distribution: 'debian', mirror: { uri: 'http://mirror.example/debian' } };

describe('the mirror of an image', () => {
  it.each([
    ['[Distribution]\nDistribution=debian\nRelease=bookworm\n', 'debian', undefined],
    ['Distribution = fedora\n@Mirror= http://a.example/x # near\n', 'fedora', 'http://a.example/x'],
    ['#Distribution=fedora\nToolsTreeDistribution=arch\nMirror=\n', undefined, undefined],
  ])('is read of %j', (text, distribution, mirror) => {
    expect(parseOrigin(text)).toEqual({ distribution, mirror });
  });

  it.each([
    ["definition's own", { mirror: 'http://a.example' }, 'http://b.example', undefined],
    ["site's", { distribution: 'fedora' }, 'http://b.example', 'http://b.example'],
    ["host's", { distribution: 'debian' }, undefined, HOST.mirror.uri],
    ["host's where no distribution is named", {}, undefined, HOST.mirror.uri],
    ["mkosi's default for another distribution", { distribution: 'fedora' }, undefined, undefined],
  ])('is the %s', (_what, defined, configured, told) => {
    const origin = { distribution: undefined, mirror: undefined, ...defined };
    expect(chooseMirror(origin, configured, HOST)).toBe(told);
  });
});

it("hands on the proxies of the host's APT", () => {
  expect(
    proxyVariables([
      'Acquire::http::Proxy "http://proxy.example:3128";',
      'Acquire::https::Proxy "DIRECT";',
      'Acquire::http::Proxy::mirror.example "DIRECT";',
      'Acquire::Retries "3";',
    ]),
  ).toEqual({ http_proxy: 'http://proxy.example:3128' });
});
