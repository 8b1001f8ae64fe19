import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ArtifactVersion } from '@fatbuildr/artifacts';
import { FormatBuilders, type BuildPatch } from '@fatbuildr/builds';
import { ConfigModule, hostArchitecture, type Configuration } from '@fatbuildr/config';
import { CONTAINER_ENGINE, type ContainerEngine } from '@fatbuildr/containers';
import { DatabaseModule } from '@fatbuildr/database';
import { DebModule } from '@fatbuildr/formats/deb';
import { ImagesService } from '@fatbuildr/images';
import { Instance, type Pipeline } from '@fatbuildr/instances';
import { KeyringService } from '@fatbuildr/keyring';
import { run } from '@fatbuildr/processes';
import {
  REGISTRIES_ENTITIES,
  REGISTRIES_MIGRATIONS,
  RegistriesService,
} from '@fatbuildr/registries';
import type { TaskContext } from '@fatbuildr/tasks';
import { Test, type TestingModule } from '@nestjs/testing';

/** A release that is not the host's: what it takes to build for the host's own is tested end to end. */
const RELEASE = 'trixie';
const HOST = hostArchitecture();

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

interface Wanted {
  artifact: string;
  version?: Partial<{ main: string; release: string; build: number }>;
  derivative?: string;
  /** Lines of the source paragraph. */
  fields?: string;
  /** Further commands of rules, each after a tab. */
  checks?: string;
  patches?: BuildPatch[];
}

describe('deb environments and builds', () => {
  let home: string;
  let app: TestingModule;
  let instance: Instance;
  let pipeline: Pipeline;
  let journal: string;
  let tasks = 0;

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'fatbuildr-deb-'));
    const configuration = {
      dirs: {
        state: join(home, 'state'),
        run: join(home, 'run'),
        registry: join(home, 'registry'),
        cache: join(home, 'cache'),
      },
      containers: { engine: 'auto' },
      images: { defs: join(__dirname, '../../images') },
      registry: { conf: home, validity: undefined, retain: 3 },
      sources: { timeout: 1000, maxSize: 1e8, maxUnpacked: 1e8, maxEntries: 10_000 },
      database: { url: undefined },
      keyring: { storage: join(home, 'keyring'), type: 'ed25519', size: 4096, expires: undefined },
      formats: {},
    } as Partial<Configuration> as Configuration;
    app = await Test.createTestingModule({
      imports: [
        ConfigModule.forRoot(configuration),
        DatabaseModule.forRoot({
          entities: REGISTRIES_ENTITIES,
          migrations: REGISTRIES_MIGRATIONS,
        }),
        DebModule,
      ],
    }).compile();
    await app.init();
    pipeline = {
      ...{ format: 'deb', distribution: RELEASE, environment: RELEASE, tag: 'deb13' },
      ...{ mirror: undefined, components: undefined, modules: [] },
    };
    instance = new Instance({
      id: 'integration',
      name: 'ACME, Integration',
      gpg: { name: 'ACME Packages', email: 'packages@acme.example' },
      architectures: [HOST],
      pipelines: [pipeline],
      derivatives: new Map([['extra', { formats: undefined, extends: 'main' }]]),
    });
    await app.get(KeyringService).create(instance);
  });

  afterAll(async () => {
    const engine = app.get<ContainerEngine>(CONTAINER_ENGINE);
    await engine.removeLeftovers();
    for (const image of await engine.listImages({
      'org.rackslab.fatbuildr.instance': instance.id,
    })) {
      await engine.removeImage(image.id);
    }
    await app.close();
    await rm(home, { recursive: true });
  }, 120_000);

  beforeEach(() => {
    journal = '';
  });

  async function task(): Promise<TaskContext> {
    tasks += 1;
    const workspace = join(home, 'workspaces', String(tasks));
    await mkdir(join(workspace, 'scratch'), { recursive: true, mode: 0o700 });
    return {
      task: { id: `task-${tasks}`, instance: instance.id, user: 'ada' },
      workspace,
      signal: new AbortController().signal,
      journal: {
        log: (_level, message) => (journal += `${message}\n`),
        output: (data) => (journal += data.toString('utf8')),
        plan: () => undefined,
        step: (_name, work) => work(),
      },
    };
  }

  /** Upstream's archive, of a kind dpkg cannot read. */
  async function upstream(folder: string, artifact: string): Promise<string> {
    const tree = join(folder, 'upstream');
    await mkdir(join(tree, 'debian'), { recursive: true });
    await writeFile(join(tree, 'greeting'), 'hello\n');
    await writeFile(join(tree, 'debian', 'control'), 'Source: of-upstream\n');
    const archive = join(folder, `${artifact}.tar.zst`);
    await run(['tar', '--zstd', '-C', folder, '-cf', archive, 'upstream']);
    return archive;
  }

  async function build(wanted: Wanted) {
    const { artifact, derivative = 'main', fields = '', checks, patches = [] } = wanted;
    const context = await task();
    const packaging = join(context.workspace, 'packaging');
    const results = join(context.workspace, 'results');
    await mkdir(packaging);
    await mkdir(results);
    await writeFile(
      join(packaging, 'control'),
      `Source: ${artifact}\nSection: misc\nPriority: optional\nMaintainer: Ada <ada@acme.example>\nRules-Requires-Root: no\n${fields}\n` +
        `Package: ${artifact}\nArchitecture: all\nDescription: a test\n`,
    );
    await writeFile(join(packaging, 'rules'), RULES(artifact, checks), { mode: 0o755 });
    const version = ArtifactVersion.of({
      ...{ main: '1.0', release: '1', dist: 'deb13' },
      ...wanted.version,
    });
    const builder = app.get(FormatBuilders).of('deb');
    const common = { context, instance, pipeline, derivative, artifact, results, parameters: {} };
    await builder.prepare({ instance, pipeline, architectures: [HOST] });
    try {
      const source = await builder.source({
        ...common,
        version,
        packaging,
        patches,
        sources: [
          {
            id: artifact,
            version: version.main,
            archive: await upstream(context.workspace, artifact),
          },
        ],
        changelog: [
          {
            version: version.full,
            author: 'Ada <ada@acme.example>',
            date: 1e9,
            changes: ['A test'],
          },
        ],
      });
      const packages = await builder.binary({
        ...common,
        source,
        architecture: HOST,
        withIndependent: true,
      });
      const files = [...source.files, ...packages];
      await builder.checks({ context, instance, pipeline, files, results });
      return { source, packages, results, context };
    } catch (fault) {
      // As the pipeline does when a step fails.
      await builder.drop(context.task.id);
      throw fault;
    }
  }

  async function publish(
    { source, packages, context }: Awaited<ReturnType<typeof build>>,
    derivative = 'main',
  ) {
    await app
      .get(RegistriesService)
      .publish(
        instance,
        { format: 'deb', distribution: RELEASE, derivative },
        [...source.files, ...packages],
        { task: context.task.id, user: 'ada' },
      );
  }

  it('names the command that creates what is missing', async () => {
    await expect(build({ artifact: 'early' })).rejects.toMatchObject({
      code: 'IMAGES.MISSING',
      message: expect.stringContaining('fatbuildrctl images create -f deb'),
    });
    await expect(
      app.get(ImagesService).createEnvironment(instance, 'deb', RELEASE, HOST, await task()),
    ).rejects.toMatchObject({ code: 'IMAGES.MISSING' });
  });

  it("makes the format image from the host's own mirror, and only once", async () => {
    const images = app.get(ImagesService);
    await images.create(instance, 'deb', { force: false }, await task());
    await expect(
      images.create(instance, 'deb', { force: false }, await task()),
    ).rejects.toMatchObject({ code: 'IMAGES.EXISTS' });
    await expect(build({ artifact: 'early' })).rejects.toMatchObject({
      code: 'IMAGES.ENVIRONMENT_MISSING',
      message: expect.stringContaining(`images env-create -f deb -d ${RELEASE} -a ${HOST}`),
    });
  }, 400_000);

  it('makes the environment of another release, and finds it up to date', async () => {
    const images = app.get(ImagesService);
    await images.createEnvironment(instance, 'deb', RELEASE, HOST, await task());
    const made = await images.requireEnvironment(instance, 'deb', RELEASE, HOST);
    await images.updateEnvironment(instance, 'deb', RELEASE, HOST, await task());
    expect(journal).toContain(`Build environment ${RELEASE} is up to date`);
    expect((await images.requireEnvironment(instance, 'deb', RELEASE, HOST)).id).toBe(made.id);
  }, 400_000);

  it('refuses environments nobody declared, and those of foreign architectures', async () => {
    const images = app.get(ImagesService);
    await expect(
      images.createEnvironment(instance, 'deb', 'sid', HOST, await task()),
    ).rejects.toMatchObject({ code: 'IMAGES.UNKNOWN_ENVIRONMENT' });
    await expect(
      images.createEnvironment(instance, 'deb', RELEASE, 's390x', await task()),
    ).rejects.toMatchObject({ code: 'IMAGES.UNKNOWN_ARCHITECTURE' });
  });

  it('builds source and packages of an odd version, with patches, offline and unprivileged', async () => {
    const patch = '--- a/greeting\n+++ b/greeting\n@@ -1 +1 @@\n-hello\n+patched\n';
    const { source, packages, results } = await build({
      artifact: 'odd',
      version: { main: '1:2.0~rc1+dfsg', release: '10', build: 3 },
      patches: [{ name: 'greeting.patch', content: Buffer.from(patch) }],
    });
    expect(source.independent).toBe(true);
    expect(source.files.concat(packages).map((file) => file.slice(results.length + 1))).toEqual([
      'odd_2.0~rc1+dfsg-10.deb13+build3.dsc',
      'odd_2.0~rc1+dfsg.orig.tar.xz',
      'odd_2.0~rc1+dfsg-10.deb13+build3.debian.tar.xz',
      'odd_2.0~rc1+dfsg-10.deb13+build3_all.deb',
    ]);
    const deb = packages[0] as string;
    await run(['dpkg-deb', '--extract', deb, join(results, 'x')]);
    expect(await readFile(join(results, 'x/usr/share/odd/greeting'), 'utf8')).toBe('patched\n');
    const { stdout } = await run(['dpkg-deb', '--field', deb, 'Version']);
    expect(stdout.toString().trim()).toBe('1:2.0~rc1+dfsg-10.deb13+build3');
    expect(await readFile(join(results, 'contents.txt'), 'utf8')).toContain(
      './usr/share/odd/greeting',
    );
    expect(await readFile(join(results, 'lintian.txt'), 'utf8')).toContain('odd');
    expect(journal).toContain('no-copyright-file');
  }, 60_000);

  it('installs build dependencies from the own registry, the derivative first, and keeps them', async () => {
    const dependant: Wanted = {
      artifact: 'dependant',
      derivative: 'extra',
      fields: 'Build-Depends: greeting-lib (>= 1)\n',
      checks: '\ttest "$$(dpkg-query --show greeting-lib)" = "greeting-lib\t1.0-1.deb13"',
    };
    await publish(await build({ artifact: 'greeting-lib' }), 'extra');
    // A later one in main comes after the one of the derivative.
    await publish(await build({ artifact: 'greeting-lib', version: { main: '2.0' } }));
    const installed = 'Build dependencies are installed already';

    await publish(await build(dependant), 'extra');
    expect(journal).not.toContain(installed);

    // What a source publishes itself is none of its build dependencies.
    await build({ ...dependant, version: { build: 1 } });
    expect(journal).toContain(installed);

    journal = '';
    await publish(await build({ artifact: 'greeting-lib', version: { main: '3.0' } }), 'extra');
    journal = '';
    await build({
      ...dependant,
      version: { build: 2 },
      checks: '\ttest "$$(dpkg-query --show greeting-lib)" = "greeting-lib\t3.0-1.deb13"',
    });
    expect(journal).not.toContain(installed);
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
    expect(journal).toContain('this is why');
    expect(await app.get<ContainerEngine>(CONTAINER_ENGINE).removeLeftovers()).toBe(0);
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
