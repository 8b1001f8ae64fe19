import { readFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DebModule } from '@fatbuildr/formats/deb';
import { run } from '@fatbuildr/processes';
import { FormatWorkshop, HOST, type Built, type Wanted } from './support/format-workshop';

/** A release that is not the host's: what it takes to build for the host's own is tested end to end. */
const RELEASE = 'trixie';

/** A package without any help, that nothing but the environment itself is needed for. */
const RULES = (name: string, checks = '') => `#!/usr/bin/make -f
clean build build-arch build-indep binary-arch: ;
binary binary-indep:
	# The one who builds is nobody, and only the loopback interface is there.
	test "$$(id --user)" = 90000
	test "$$(grep --count : /proc/net/dev)" = 1
	! touch /usr/written
${checks}
	install -D --mode=644 greeting debian/tmp/usr/share/${name}/greeting
	mkdir -p debian/tmp/DEBIAN
	dpkg-gencontrol -p${name} -Pdebian/tmp
	dpkg-deb --root-owner-group --build debian/tmp ..
`;

interface WantedDeb extends Omit<Wanted, 'packaging' | 'upstream'> {
  /** Lines of the source paragraph. */
  fields?: string;
  /** Further commands of rules, each after a tab. */
  checks?: string;
}

describe('deb environments and builds', () => {
  let workshop: FormatWorkshop;

  beforeAll(async () => {
    workshop = await FormatWorkshop.open(DebModule, [
      {
        ...{ format: 'deb', distribution: RELEASE, environment: RELEASE, tag: 'deb13' },
        ...{ mirror: undefined, components: undefined, modules: [] },
      },
    ]);
  });

  afterAll(() => workshop.close(), 120_000);

  beforeEach(() => {
    workshop.journal = '';
  });

  function build({ fields = '', checks, ...wanted }: WantedDeb): Promise<Built> {
    const { artifact } = wanted;
    return workshop.build({
      ...wanted,
      packaging: {
        control:
          `Source: ${artifact}\nSection: misc\nPriority: optional\nMaintainer: Ada <ada@acme.example>\nRules-Requires-Root: no\n${fields}\n` +
          `Package: ${artifact}\nArchitecture: all\nDescription: a test\n`,
        rules: RULES(artifact, checks),
      },
      // Of a kind dpkg cannot read.
      upstream: async (folder) => {
        const tree = join(folder, 'upstream');
        await mkdir(join(tree, 'debian'), { recursive: true });
        await writeFile(join(tree, 'greeting'), 'hello\n');
        await writeFile(join(tree, 'debian', 'control'), 'Source: of-upstream\n');
        const archive = join(folder, `${artifact}.tar.zst`);
        await run(['tar', '--zstd', '-C', folder, '-cf', archive, 'upstream']);
        return archive;
      },
    });
  }

  it('names the command that creates what is missing', async () => {
    await expect(build({ artifact: 'early' })).rejects.toMatchObject({
      code: 'IMAGES.MISSING',
      message: expect.stringContaining('fatbuildrctl images create -f deb'),
    });
    const { instance } = workshop;
    await expect(
      workshop.images.createEnvironment(instance, 'deb', RELEASE, HOST, await workshop.task()),
    ).rejects.toMatchObject({ code: 'IMAGES.MISSING' });
  });

  it("makes the format image from the host's own mirror, and only once", async () => {
    const { images, instance } = workshop;
    await images.create(instance, 'deb', { force: false }, await workshop.task());
    await expect(
      images.create(instance, 'deb', { force: false }, await workshop.task()),
    ).rejects.toMatchObject({ code: 'IMAGES.EXISTS' });
    await expect(build({ artifact: 'early' })).rejects.toMatchObject({
      code: 'IMAGES.ENVIRONMENT_MISSING',
      message: expect.stringContaining(`images env-create -f deb -d ${RELEASE} -a ${HOST}`),
    });
  }, 400_000);

  it('makes the environment of another release, and finds it up to date', async () => {
    const { images, instance } = workshop;
    await images.createEnvironment(instance, 'deb', RELEASE, HOST, await workshop.task());
    const made = await images.requireEnvironment(instance, 'deb', RELEASE, HOST);
    await images.updateEnvironment(instance, 'deb', RELEASE, HOST, await workshop.task());
    expect(workshop.journal).toContain(`Build environment ${RELEASE} is up to date`);
    expect((await images.requireEnvironment(instance, 'deb', RELEASE, HOST)).id).toBe(made.id);
  }, 400_000);

  it('refuses environments nobody declared, and those of foreign architectures', async () => {
    const { images, instance } = workshop;
    await expect(
      images.createEnvironment(instance, 'deb', 'sid', HOST, await workshop.task()),
    ).rejects.toMatchObject({ code: 'IMAGES.UNKNOWN_ENVIRONMENT' });
    await expect(
      images.createEnvironment(instance, 'deb', RELEASE, 's390x', await workshop.task()),
    ).rejects.toMatchObject({ code: 'IMAGES.UNKNOWN_ARCHITECTURE' });
  });

  it('builds source and packages of an odd version, with patches, offline and unprivileged', async () => {
    const patch = '--- a/greeting\n+++ b/greeting\n@@ -1 +1 @@\n-hello\n+patched\n';
    const { files, results } = await build({
      artifact: 'odd',
      version: { main: '1:2.0~rc1+dfsg', release: '10', build: 3 },
      patches: [{ name: 'greeting.patch', content: Buffer.from(patch) }],
    });
    expect(files.map((file) => file.slice(results.length + 1))).toEqual([
      'odd_2.0~rc1+dfsg-10.deb13+build3.dsc',
      'odd_2.0~rc1+dfsg.orig.tar.xz',
      'odd_2.0~rc1+dfsg-10.deb13+build3.debian.tar.xz',
      'odd_2.0~rc1+dfsg-10.deb13+build3_all.deb',
    ]);
    const deb = files.at(-1)!;
    await run(['dpkg-deb', '--extract', deb, join(results, 'x')]);
    expect(await readFile(join(results, 'x/usr/share/odd/greeting'), 'utf8')).toBe('patched\n');
    const { stdout } = await run(['dpkg-deb', '--field', deb, 'Version']);
    expect(stdout.toString().trim()).toBe('1:2.0~rc1+dfsg-10.deb13+build3');
    expect(await readFile(join(results, 'contents.txt'), 'utf8')).toContain(
      './usr/share/odd/greeting',
    );
    expect(await readFile(join(results, 'lintian.txt'), 'utf8')).toContain('odd');
    expect(workshop.journal).toContain('no-copyright-file');
  }, 60_000);

  it('installs build dependencies from the own registry, the derivative first, and keeps them', async () => {
    const dependant: WantedDeb = {
      artifact: 'dependant',
      derivative: 'extra',
      fields: 'Build-Depends: greeting-lib (>= 1)\n',
      checks: '\ttest "$$(dpkg-query --show greeting-lib)" = "greeting-lib\t1.0-1.deb13"',
    };
    await workshop.publish(await build({ artifact: 'greeting-lib' }), 'extra');
    // A later one in main comes after the one of the derivative.
    await workshop.publish(await build({ artifact: 'greeting-lib', version: { main: '2.0' } }));
    const installed = 'Build dependencies are installed already';

    await workshop.publish(await build(dependant), 'extra');
    expect(workshop.journal).not.toContain(installed);

    // What a source publishes itself is none of its build dependencies.
    await build({ ...dependant, version: { build: 1 } });
    expect(workshop.journal).toContain(installed);

    workshop.journal = '';
    await workshop.publish(
      await build({ artifact: 'greeting-lib', version: { main: '3.0' } }),
      'extra',
    );
    workshop.journal = '';
    await build({
      ...dependant,
      version: { build: 2 },
      checks: '\ttest "$$(dpkg-query --show greeting-lib)" = "greeting-lib\t3.0-1.deb13"',
    });
    expect(workshop.journal).not.toContain(installed);
  }, 180_000);

  it('names build dependencies that cannot be met', async () => {
    await expect(
      build({ artifact: 'unmet', fields: 'Build-Depends: no-such-thing-dev\n' }),
    ).rejects.toMatchObject({
      code: 'DEB.UNMET_BUILD_DEPENDENCIES',
      message: expect.stringContaining('no-such-thing-dev'),
    });
  }, 60_000);

  it('names the command of a build that fails, and leaves no container', async () => {
    await expect(
      build({ artifact: 'failing', checks: '\techo this is why; exit 3' }),
    ).rejects.toMatchObject({
      code: 'BUILDS.COMMAND_FAILED',
      message: expect.stringMatching(/^"dpkg-buildpackage .*" exited with status 2/),
    });
    expect(workshop.journal).toContain('this is why');
    expect(await workshop.engine.removeLeftovers()).toBe(0);
  }, 60_000);

  it('says which part of the packaging is wrong', async () => {
    await expect(build({ artifact: 'nameless', fields: '\nPackage: x\n' })).rejects.toMatchObject({
      code: 'DEB.BAD_CONTROL',
      message: 'deb/control of nameless: binary package x has no field Architecture',
    });
    await expect(build({ artifact: 'letters', version: { main: 'v1.0' } })).rejects.toMatchObject({
      code: 'DEB.BAD_VERSION',
    });
  });
});
