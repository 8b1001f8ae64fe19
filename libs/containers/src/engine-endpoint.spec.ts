import { describeEndpoint, discoverEndpoints, parseEndpoint } from './engine-endpoint';

describe('parseEndpoint', () => {
  it.each([
    ['/run/engine.sock', '/run/engine.sock'],
    ['unix:///run/my%20engine.sock', '/run/my engine.sock'],
    ['tcp://engine.example.org', 'http://engine.example.org:2375'],
    ['tcp://engine.example.org:2376', 'https://engine.example.org:2376'],
    ['https://engine.example.org:8443', 'https://engine.example.org:8443'],
  ])('reads %s', (text, expected) => {
    expect(describeEndpoint(parseEndpoint(text, 'test'))).toBe(expected);
  });

  it.each(['ssh://root@engine.example.org', 'podman', 'unix://', ''])('refuses "%s"', (text) => {
    expect(() => parseEndpoint(text, '[containers] engine')).toThrow(
      `[containers] engine names the container engine "${text}"`,
    );
  });
});

describe('discoverEndpoints', () => {
  it('tries what the environment names before the usual places', () => {
    const found = discoverEndpoints({
      CONTAINER_HOST: 'unix:///c.sock',
      DOCKER_HOST: 'unix:///d.sock',
      XDG_RUNTIME_DIR: '/run/user/7',
    });
    expect(found.map(({ endpoint, origin }) => `${origin} ${describeEndpoint(endpoint)}`)).toEqual([
      '$DOCKER_HOST /d.sock',
      '$CONTAINER_HOST /c.sock',
      'usual place /run/podman/podman.sock',
      'usual place /run/user/7/podman/podman.sock',
      'usual place /var/run/docker.sock',
    ]);
  });

  it('blames the variable for an endpoint that cannot be used', () => {
    expect(() => discoverEndpoints({ DOCKER_HOST: 'ssh://host.example.org' })).toThrow(
      '$DOCKER_HOST names the container engine',
    );
  });
});
