import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { RpmModule } from '@fatbuildr/formats/rpm';
import type { FormatConfiguration } from '@fatbuildr/config';
import type { ArgumentVector, Mount } from '@fatbuildr/containers';
import { environmentImageName, formatImageName } from '@fatbuildr/images';
import { upstreamArchive } from '../e2e/support/definitions';
import { FormatWorkshop, HOST, type Built, type Wanted } from './support/format-workshop';
import { makeRpmDistribution, MODULE } from './support/rpm-distribution';
import { tellRpmStory } from './support/rpm-story';
import { ServedFolder } from './support/served-folder';

const PIPELINE = {
  ...{ format: 'rpm', distribution: 'el1', environment: 'made-1', tag: 'el1' },
  ...{ components: undefined, modules: [`${MODULE.name}:1`] },
};

interface WantedRpm extends Omit<Wanted, 'packaging' | 'upstream'> {
  /** Tags of the preamble. */
  tags?: string;
  /** Commands of %build. */
  build?: string;
  /** Of %install, besides upstream's `make install`. */
  install?: string;
  /** Lines of %files. */
  files?: string;
  /** Further files of the definition. */
  more?: Readonly<Record<string, string>>;
  top?: string;
}

const spec = ({ artifact, tags = '', build = '', install = '', files = '' }: WantedRpm) => `
Name: ${artifact}
Version: {{ version.main }}
Release: {{ release }}
Summary: Says what it is
License: MIT
{{ sources }}
{{ patches }}
BuildRequires: gcc, make
${tags}
%description
A package for tests.
%prep
{{ prep }}
%build
# The one who builds is nobody, and only the loopback interface is there.
test "$(id -u)" = 90000
test "$(grep -c : /proc/net/dev)" = 1
! touch /usr/written
make GREETING="%{?greeting}%{!?greeting:hello}"
${build}
%install
%make_install
${install}
%files
/usr/bin/${artifact}
${files}
`;

const PROGRAM = '#include <stdio.h>\nint main(void) { puts(GREETING " from C"); return 0; }\n';
/** Of its context one line differs, which rpmbuild does not allow. */
const PATCH =
  '--- a/main.c\n+++ b/main.c\n@@ -1,2 +1,2 @@\n #include <other.h>\n-int main(void) { puts(GREETING " from C"); return 0; }\n+int main(void) { puts(GREETING ", patched"); return 0; }\n';
const MAKEFILE = (name: string) =>
  `all:\n\tgcc -g -O2 -DGREETING='"$(GREETING)"' -o ${name} main.c\ninstall:\n\tinstall -D ${name} $(DESTDIR)/usr/bin/${name}\n`;

describe('rpm environments and builds', () => {
  let workshop: FormatWorkshop;
  let mirror: ServedFolder;
  let distribution: string;
  const formats: Record<string, Partial<FormatConfiguration>> = {};

  beforeAll(async () => {
    const pipelines = (url: string) =>
      [
        { ...PIPELINE, mirror: `${url}/repository` },
        { ...PIPELINE, mirror: undefined, distribution: 'nowhere', environment: 'nowhere' },
        { ...PIPELINE, mirror: url, distribution: 'wrong', environment: 'wrong' },
      ] as const;
    distribution = await mkdtemp(join(tmpdir(), 'fatbuildr-distribution-'));
    mirror = await ServedFolder.start(distribution);
    workshop = await FormatWorkshop.open(RpmModule, pipelines(mirror.url), formats);
  });

  afterAll(async () => {
    await workshop.close();
    await mirror.stop();
    await rm(distribution, { recursive: true });
  }, 120_000);

  beforeEach(() => {
    workshop.journal = '';
  });

  function build(wanted: WantedRpm): Promise<Built> {
    const { artifact, more, version, top = `${artifact}-${version?.main ?? '1.0'}` } = wanted;
    return workshop.build({
      ...wanted,
      packaging: { [`${artifact}.spec`]: spec(wanted), ...more },
      upstream: async (folder) => {
        const path = join(folder, 'upstream.tar.gz');
        const tree = { 'main.c': PROGRAM, Makefile: MAKEFILE(artifact) };
        await writeFile(path, await upstreamArchive(top, tree));
        return path;
      },
    });
  }

  /** Runs a command as root in a container of the environment; @returns what it printed */
  async function inEnvironment(
    mounts: readonly Mount[],
    argv: ArgumentVector,
    network: 'none' | 'host' = 'none',
  ) {
    const { environment, format } = PIPELINE;
    let printed = '';
    const status = await workshop.engine.run(
      {
        image: environmentImageName(workshop.instance.id, format, environment, HOST),
        owner: { instance: workshop.instance.id, task: 'test' },
        network,
        privileged: true,
        mounts,
        argv,
      },
      { output: (chunk) => (printed += chunk.toString('utf8')) },
    );
    return { status, printed };
  }

  const create = async (environment: string) =>
    workshop.images.createEnvironment(
      ...([workshop.instance, 'rpm', environment, HOST, await workshop.task()] as const),
    );

  it('names the command that creates what is missing', async () => {
    await expect(build({ artifact: 'early' })).rejects.toMatchObject({
      code: 'IMAGES.MISSING',
      message: expect.stringContaining('fatbuildrctl images create -f rpm'),
    });
  });

  it("makes the format image from the host's own mirror", async () => {
    const { images, instance } = workshop;
    await images.create(instance, 'rpm', { force: false }, await workshop.task());
    await expect(build({ artifact: 'early' })).rejects.toMatchObject({
      code: 'IMAGES.ENVIRONMENT_MISSING',
      message: expect.stringContaining(`images env-create -f rpm -d el1 -a ${HOST}`),
    });
    await makeRpmDistribution(workshop.engine, formatImageName(instance.id, 'rpm'), distribution);
  }, 900_000);

  it('says that the image has no mock, when that is the tool', async () => {
    formats.rpm = { tool: 'mock' };
    await expect(create('made-1')).rejects.toMatchObject({
      code: 'IMAGES.TOOL_MISSING',
      message: expect.stringContaining('the rpm image of instance integration has no mock'),
    });
    formats.rpm = { tool: 'rpmbuild' };
    await expect(create('made-1')).rejects.toMatchObject({
      message:
        '[format:rpm] tool: there is no build environment tool "rpmbuild", format rpm has: container, mock',
    });
    delete formats.rpm;
  }, 60_000);

  it('refuses a distribution whose packages other keys have signed', async () => {
    formats.rpm = { envKeys: join(distribution, 'keys/stranger') };
    await expect(create('made-1')).rejects.toMatchObject({ code: 'IMAGES.BOOTSTRAP_FAILED' });
    expect(workshop.journal).toMatch(
      /GPG check FAILED|[Pp]ublic key for .* is not (?:installed|correct)/,
    );
    delete formats.rpm;
  }, 120_000);

  it('makes the environment of a distribution, and finds it up to date', async () => {
    const { images, instance } = workshop;
    formats.rpm = { envKeys: join(distribution, 'keys/distribution') };
    await create('made-1');
    const made = await images.requireEnvironment(instance, 'rpm', 'made-1', HOST);
    await images.updateEnvironment(instance, 'rpm', 'made-1', HOST, await workshop.task());
    expect(workshop.journal).toContain('Build environment made-1 is up to date');
    expect((await images.requireEnvironment(instance, 'rpm', 'made-1', HOST)).id).toBe(made.id);
    delete formats.rpm;
  }, 120_000);

  it('says what an environment lacks, and leaves none', async () => {
    await expect(create('nowhere')).rejects.toMatchObject({ code: 'RPM.NO_MIRROR' });
    await expect(create('wrong')).rejects.toMatchObject({ code: 'IMAGES.BOOTSTRAP_FAILED' });
    expect(workshop.journal).toContain('env_keys names no keys');
    expect(await workshop.images.environment(workshop.instance, 'rpm', 'wrong', HOST)).toBe(
      undefined,
    );
  }, 60_000);

  it('builds source and packages with patches, plain files and buildargs, offline and unprivileged', async () => {
    const built = await build({
      artifact: 'greet',
      version: { build: 2 },
      top: 'elsewhere',
      parameters: { buildargs: "--define 'greeting good day' --with nothing" },
      patches: [{ name: 'a patch.patch', content: Buffer.from(PATCH) }],
      install: 'install -D -m 644 %{SOURCE1} %{buildroot}/etc/greet.conf',
      files: '%config /etc/greet.conf',
      more: { 'greet.conf.in': 'polite = yes\n' },
    });
    expect(built.files.map((file) => basename(file))).toEqual([
      'greet-1.0-1.el1+build2.src.rpm',
      `greet-1.0-1.el1+build2.${HOST}.rpm`,
    ]);
    const contents = await readFile(join(built.results, 'contents.txt'), 'utf8');
    expect(contents).toMatch(/-rwxr-xr-x root\/root \d+ \/usr\/bin\/greet/);
    for (const file of ['a-patch.patch', 'greet.conf.in', 'greet-1.0.tar.xz', 'greet.spec']) {
      expect(contents).toContain(file);
    }
    expect(await readFile(join(built.results, 'rpmlint.txt'), 'utf8')).toContain('greet');
    await workshop.publish(built);
    const registry = join(workshop.home, 'registry', workshop.instance.id, 'rpm');
    const repository = `[acme]
name=acme
baseurl=file:///mnt/el1/main/${HOST}
gpgcheck=1
repo_gpgcheck=1
gpgkey=file:///mnt/keyring.asc
`;
    await mkdir(join(workshop.home, 'client'));
    await writeFile(join(workshop.home, 'client', 'acme.repo'), repository);
    const { status, printed } = await inEnvironment(
      [
        { source: registry, target: '/mnt', readOnly: true },
        { source: join(workshop.home, 'client'), target: '/media', readOnly: true },
      ],
      [
        ...(['sh', '-c'] as const),
        'dnf --assumeyes --disableplugin=local --setopt=reposdir=/media install greet && greet && rpm -q --changelog greet',
      ],
    );
    expect(printed).toContain('good day, patched\n');
    expect(printed).toContain(
      '* Sun Sep 09 2001 Ada <ada@acme.example> - 1.0-1.el1+build2\n- A test',
    );
    expect(status).toBe(0);
  }, 60_000);

  it('keeps build dependencies, and builds packages of all architectures', async () => {
    const built = await build({
      artifact: 'everywhere',
      tags: 'BuildArch: noarch',
      install: 'echo data > %{buildroot}/usr/bin/everywhere',
    });
    expect(workshop.journal).toContain('Build dependencies are installed already');
    expect(built.files.map((file) => basename(file))).toEqual([
      'everywhere-1.0-1.el1.src.rpm',
      'everywhere-1.0-1.el1.noarch.rpm',
    ]);
  }, 60_000);

  it('sees the stream of a module that its environment enables, not the newer one', async () => {
    await build({
      artifact: 'modular',
      tags: `BuildRequires: ${MODULE.name}`,
      build: `test "$(cat /usr/share/${MODULE.name}/stream)" = 1`,
    });
  }, 60_000);

  it('installs build dependencies from the own registry, the derivative first, and keeps them', async () => {
    const library = (main: string): WantedRpm => ({
      ...{ artifact: 'lib', version: { main }, tags: 'Provides: lib(x)' },
    });
    const dependant = (version: string): WantedRpm => ({
      ...{ artifact: 'dependant', derivative: 'extra', tags: 'BuildRequires: lib(x) >= 0' },
      build: `test "$(rpm -q --qf '%%{VERSION}' lib)" = ${version}`,
    });
    const installed = 'Build dependencies are installed already';
    await workshop.publish(await build(library('1.0')), 'extra');
    // A later one in main comes after the one of the derivative.
    await workshop.publish(await build(library('2.0')));
    workshop.journal = '';
    await workshop.publish(await build(dependant('1.0')), 'extra');
    expect(workshop.journal).not.toContain(installed);
    // What a source publishes itself is none of its build dependencies.
    await build({ ...dependant('1.0'), version: { build: 1 } });
    expect(workshop.journal).toContain(installed);
    await workshop.publish(await build(library('3.0')), 'extra');
    workshop.journal = '';
    await build({ ...dependant('3.0'), version: { build: 2 } });
    expect(workshop.journal).not.toContain(installed);
  }, 120_000);

  it('names build dependencies that cannot be met', async () => {
    await expect(
      build({ artifact: 'unmet', tags: 'BuildRequires: no-such-devel >= 2' }),
    ).rejects.toMatchObject({
      code: 'RPM.UNMET_BUILD_DEPENDENCIES',
      message: expect.stringContaining('no-such-devel'),
    });
  }, 60_000);

  it('says why rpmbuild fails, and leaves no container', async () => {
    await expect(build({ artifact: 'hollow', files: '/usr/bin/hola' })).rejects.toMatchObject({
      code: 'RPM.BUILD_FAILED',
      message: expect.stringMatching(/^rpmbuild could not build hollow: File not found: .*hola$/),
    });
    await expect(build({ artifact: 'lacking', tags: 'Source7: extra.conf' })).rejects.toMatchObject(
      {
        code: 'RPM.MISSING_SOURCE',
        message: expect.stringContaining('"extra.conf"'),
      },
    );
    await expect(
      build({
        artifact: 'masked',
        more: {
          'masked.spec': spec({ artifact: '%{real}' }).replace('Name', '%global real other\nName'),
        },
      }),
    ).rejects.toMatchObject({
      code: 'RPM.BAD_SPEC',
      message: 'rpm/masked.spec: Name is "other", but the artifact is named "masked"',
    });
    expect(await workshop.engine.removeLeftovers()).toBe(0);
  }, 60_000);

  describe('by the programs that people use', () => {
    tellRpmStory(() => ({
      instance: workshop.instance.id,
      distribution: PIPELINE.distribution,
      environment: PIPELINE.environment,
      engine: join(workshop.home, 'run/podman.sock'),
      mirror: `${mirror.url}/repository`,
      inEnvironment: (script, configuration) =>
        inEnvironment(
          [{ source: configuration, target: '/media', readOnly: true }],
          ['sh', '-c', script],
          'host',
        ),
    }));
  });
});
