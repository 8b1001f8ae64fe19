import { join } from 'node:path';
import {
  debPackaging,
  sha256,
  upstreamArchive,
  Upstream,
  writeTree,
} from '../e2e/support/definitions';
import { HOST_CODENAME, HOST_TAG } from '../e2e/support/host';
import { Installation } from '../e2e/support/installation';
import { giveImage } from '../e2e/support/made-images';

jest.setTimeout(600_000);

/** A Debian release that is not the host's, and its version. */
const [OTHER, OTHER_TAG] = HOST_CODENAME === 'trixie' ? ['bookworm', 'deb12'] : ['trixie', 'deb13'];

describe('one definition for two Debian releases', () => {
  const installation = new Installation();
  const definitions = join(installation.home, 'definitions');
  let upstream: Upstream;

  beforeAll(async () => {
    upstream = await Upstream.start();
    const archive = await upstreamArchive('greet-1.0', {
      'greet.c': '#include <stdio.h>\nint main(void) { return puts("greet") < 0; }\n',
      Makefile: 'all: greet\ninstall: all\n\tinstall -D greet $(DESTDIR)/usr/bin/greet\n',
    });
    upstream.serve('/greet-1.0.tar.gz', archive);
    await writeTree(join(definitions, 'greet'), {
      'artifact.yml': `source: ${upstream.url}/greet-{{ version }}.tar.gz
version: "1.0"
checksums: { "1.0": { sha256: ${sha256(archive)} } }
deb: { release: 1 }
`,
      ...debPackaging('greet', { architecture: 'any' }),
    });
    await installation.configure({
      default: `name: Default
gpg: { name: Default Packages, email: packages@acme.example }
formats:
  deb:
    - { name: ${HOST_CODENAME}, env: ${HOST_CODENAME}, tag: ${HOST_TAG} }
    - { name: ${OTHER}, env: ${OTHER}, tag: ${OTHER_TAG} }
`,
    });
    await installation.start();
  });
  afterAll(async () => {
    await installation.remove();
    await upstream.stop();
  });

  const succeed = async (...args: string[]) => {
    const ended = await installation.ctl(...args);
    expect(ended.stdout + ended.stderr).toContain('Task succeeded');
    expect(ended.status).toBe(0);
    return ended.stdout + ended.stderr;
  };

  it('creates the environments of both', async () => {
    await succeed('keyring', 'create');
    await giveImage(installation);
    const told = await succeed('images', 'env-create');
    expect(told).toContain(`Build environment ${HOST_CODENAME}`);
    expect(told).toContain(`Build environment ${OTHER}`);
  });

  it.each([
    [HOST_CODENAME, HOST_TAG],
    [OTHER, OTHER_TAG],
  ])('builds for %s with its own tag and its own C library', async (distribution, tag) => {
    await succeed(
      ...['build', '-a', 'greet', '-d', distribution, '-b', definitions],
      ...['-n', 'Tester', '-e', 'tester@acme.example', '-m', 'For two releases'],
    );
    const listed = await installation.json<{ name: string; version: string }[]>(
      ...['registry', 'list', '-d', distribution],
    );
    expect(listed).toContainEqual(
      expect.objectContaining({ name: 'greet', version: `1.0-1.${tag}` }),
    );
  });

  it('updates an environment', async () => {
    await succeed('images', 'env-update', '-d', OTHER);
  });
});
