import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BinaryRequest, SourceRequest } from '@fatbuildr/builds';
import { hostArchitecture, type Configuration } from '@fatbuildr/config';
import type { ContainerEngine, ContainerSettings, RunningContainer } from '@fatbuildr/containers';
import type { EnvironmentRequest, ImagesService } from '@fatbuildr/images';
import { Instance, type Pipeline } from '@fatbuildr/instances';
import type { TaskContext } from '@fatbuildr/tasks';
import type { DnfRegistry } from '../registry/dnf-registry';
import { Mock } from './mock';
import { MockBuild } from './mock-build';
import { MockEnvironment } from './mock-environment';

/*
 * No real mock runs here: distributions that Fatbuildr is tested on have none. In its place stands a program
 * that records how it is called and ends as it is told. What it should be called with is written down in
 * fixtures/transcript.txt, after the documentation and the source of mock.
 */

const HOST = hostArchitecture();
const TRANSCRIPT = join(__dirname, 'fixtures/transcript.txt');
const PIPELINE: Pipeline = {
  ...{ format: 'rpm', distribution: 'el9', environment: 'rocky-9', tag: 'el9' },
  mirror: 'https://mirror.example/$releasever/$component/$basearch/os',
  ...{ components: 'BaseOS AppStream', modules: ['nodejs:18'] },
};

describe('mock', () => {
  let home: string;
  let transcript: string[];
  /** What the program called mock does; @returns its exit status */
  let mock: (argv: readonly string[]) => number;
  let installed: boolean;
  let configurationOfMock: string;

  const instance = new Instance({
    ...{ id: 'dev', name: 'Development', architectures: [HOST], pipelines: [PIPELINE] },
    gpg: { name: 'ACME', email: 'packages@acme.example' },
    derivatives: new Map(),
  });

  /** Records instead of running anything. */
  const engine = {
    start: async ({ image, mounts = [], environment, ...settings }: ContainerSettings) => {
      transcript.push(`container ${image} ${settings.network} privileged=${settings.privileged}`);
      for (const [name, value] of Object.entries(environment ?? {})) {
        transcript.push(`  ${name}=${value}`);
      }
      for (const { source, target, readOnly = false } of mounts) {
        transcript.push(`  ${source} on ${target}${readOnly ? ', read-only' : ''}`);
        if (target === '/mnt') {
          configurationOfMock = await readFile(join(source, 'environment.cfg'), 'utf8');
        }
      }
      const container: Partial<RunningContainer> = {
        exec: ({ argv }, { output, terminal } = {}) => {
          const [program] = argv;
          if (program === 'test') return Promise.resolve(Number(!installed));
          transcript.push(`${terminal ? 'terminal' : '$'} ${argv.join(' | ')}`);
          if (program !== 'mock') return Promise.resolve(0);
          output?.(Buffer.from(printed), 'stdout');
          return Promise.resolve(mock(argv));
        },
        exhausted: () => Promise.resolve(undefined),
        remove: () => {
          transcript.push('container removed', '');
          return Promise.resolve();
        },
      };
      return container as RunningContainer;
    },
  } as Partial<ContainerEngine> as ContainerEngine;
  let printed: string;

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'fatbuildr-mock-'));
    await mkdir(join(home, 'workspace'));
    transcript = [];
    printed = '';
    installed = true;
    mock = () => 0;
  });
  afterEach(() => rm(home, { recursive: true }));

  function parts() {
    const configuration = {
      images: { storage: join(home, 'images'), defs: join(__dirname, '../../../../../images') },
      formats: {},
    } as Partial<Configuration> as Configuration;
    const runner = new Mock(configuration, engine);
    const environments = new MockEnvironment(runner);
    const images = { requireEnvironment: () => Promise.resolve({} as never) };
    const own = {
      folder: join(home, 'registry'),
      repositories: ['extra/x86_64', 'main/x86_64'],
      keyring: join(home, 'keyring.asc'),
    };
    const registry = { sourceFor: () => Promise.resolve(own) };
    const build = new MockBuild(
      runner,
      images as Partial<ImagesService> as ImagesService,
      registry as Partial<DnfRegistry> as DnfRegistry,
    );
    return { environments, build };
  }

  const context = (console?: Partial<TaskContext['console']>): TaskContext =>
    ({
      task: { id: 'task', instance: 'dev', user: 'ada', submitted: 0 },
      workspace: join(home, 'workspace'),
      signal: new AbortController().signal,
      journal: {
        log: () => undefined,
        output: () => undefined,
        plan: () => undefined,
        step: (_name: string, work: () => Promise<unknown>) => work(),
      },
      ...(console ? { console } : {}),
    }) as unknown as TaskContext;

  /** Somebody at a terminal who leaves each shell at once. */
  const somebody = () =>
    context({
      open: (kind, run) =>
        run((kind === 'terminal' ? { terminal: { size: undefined } } : {}) as never),
    });

  const environment = (task = context()): EnvironmentRequest => ({
    ...{ context: task, instance, environment: 'rocky-9', architecture: HOST },
    ...{ pipelines: [PIPELINE], formatImage: '', name: '', labels: {} },
  });
  const source = (task = context()) =>
    ({ context: task, instance, pipeline: PIPELINE, artifact: 'hello' }) as SourceRequest;
  const binary = (task = context()) =>
    ({ ...source(task), derivative: 'extra', architecture: HOST }) as unknown as BinaryRequest;
  const buildIt = (task?: TaskContext, options: string[] = []) =>
    parts().build.build(binary(task), '/folder', '/folder/hello-1-1.src.rpm', options);

  /** The transcript without what differs from one run to the next. */
  const told = () =>
    transcript
      .join('\n')
      .replaceAll(home, 'HOME')
      .replaceAll(/task-[0-9a-f-]{36}/g, 'TASK')
      .replaceAll(/root-[0-9a-f-]{36}/g, 'ROOT')
      .replaceAll(HOST, 'ARCH');

  it('is called as the transcript says, for environments, sources, packages and shells', async () => {
    await writeFile(join(home, 'keyring.asc'), 'a key');
    const { environments, build } = parts();
    const chapter = async (title: string, work: () => Promise<unknown>, all = true) => {
      const before = transcript;
      transcript = [];
      await work();
      const mattering = all
        ? transcript
        : [...transcript.filter((line) => line.includes('mock | --root')), ''];
      transcript = [...before, `== ${title}`, ...mattering];
    };
    const shell = (term: string, ...command: string[]) =>
      environments.shell({ ...environment(somebody()), shell: { term, command } });
    await chapter('an environment is made', () => environments.create(environment()));
    await chapter('a source package, with options of rpmbuild', () =>
      build.source(source(), '/folder', ['--define', 'greeting good day', '--without=docs', "-x'"]),
    );
    await chapter('packages', () => buildIt(undefined, ['--with', 'tests']));
    await chapter('a shell', () => shell('xterm'), false);
    await chapter('a command on a terminal', () => shell('xterm', 'ls', 'a b'), false);
    await chapter('a command', () => shell('', 'ls', 'a b'), false);
    await chapter('a command of one word', () => shell('', 'a b'), false);
    await chapter('a prescript', () =>
      build.inPrescriptSession(
        {
          ...binary(),
          packages: ['git', 'module:nodejs:18'],
          mounts: [
            { source: '/tree', target: '/build' },
            { source: '/given', target: '/mnt', readOnly: true },
          ],
        },
        (session) => session.run(['bash', '/mnt/a script'], context()),
      ),
    );
    expect(configurationOfMock).toContain(
      `['bind_mount_opts']['dirs'] = (("/srv/build", "/build",), ("/srv/mnt", "/mnt",),)`,
    );
    const expected = readFileSync(TRANSCRIPT, 'utf8').replaceAll(/^#.*\n/gm, '');
    expect(told()).toBe(expected);
  });

  it('gets the repositories of the environment and our own, the most specific derivative first', async () => {
    await writeFile(join(home, 'keyring.asc'), 'a key');
    await parts().environments.create(environment());
    await buildIt();
    const lines = configurationOfMock.split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        `config_opts['root'] = "rocky-9-x86_64"`.replace('x86_64', HOST),
        `config_opts['releasever'] = "9"`,
        `config_opts['module_setup_commands'] = (("enable", "nodejs:18",),)`,
        `config_opts['package_manager'] = "dnf4"`,
        `config_opts['use_bootstrap'] = True`,
        `config_opts['use_bootstrap_image'] = False`,
        `config_opts['isolation'] = "simple"`,
        `config_opts['rpmbuild_networking'] = False`,
        `config_opts['macros']['%_buildhost'] = "fatbuildr"`,
      ]),
    );
    const dnf = JSON.parse(/^config_opts\['dnf\.conf'\] = (.*)$/m.exec(configurationOfMock)![1]!);
    expect(dnf.match(/^(?:\[.*|baseurl=.*|priority=.*|gpgkey=.*)$/gm)).toEqual([
      '[main]',
      '[environment-BaseOS]',
      `baseurl=https://mirror.example/9/BaseOS/${HOST}/os`,
      '[environment-AppStream]',
      `baseurl=https://mirror.example/9/AppStream/${HOST}/os`,
      '[fatbuildr-extra-x86_64]',
      'baseurl=file:///media/extra/x86_64',
      'gpgkey=file:///etc/pki/mock/fatbuildr-own.asc',
      'priority=10',
      '[fatbuildr-main-x86_64]',
      'baseurl=file:///media/main/x86_64',
      'gpgkey=file:///etc/pki/mock/fatbuildr-own.asc',
      'priority=11',
    ]);
  });

  it('is found missing, and nothing is left of the attempt', async () => {
    installed = false;
    const { environments } = parts();
    await expect(environments.create(environment())).rejects.toMatchObject({
      code: 'IMAGES.TOOL_MISSING',
      message: expect.stringContaining('the rpm image of instance dev has no mock'),
    });
    expect(transcript.at(-2)).toBe('container removed');
    expect(await readdir(join(home, 'images/dev/rpm/mock/volume/tasks'))).toEqual([]);
    expect(await environments.find(environment())).toBe(undefined);
  });

  it('leaves the environment as it was when it cannot make it anew', async () => {
    const { environments } = parts();
    await environments.create(environment());
    const made = await environments.find(environment());
    mock = (argv) => (argv.includes('--init') ? 30 : 0);
    await expect(environments.update(environment())).rejects.toMatchObject({
      code: 'RPM.MOCK_FAILED',
      message:
        'mock could not make build environment rocky-9: packages could not be installed (status 30)',
    });
    expect(await environments.find(environment())).toEqual(made);
  });

  it.each([
    [10, '', 'mock could not build hello: rpmbuild failed (status 10)'],
    [40, '', 'mock could not build hello: the source package cannot be installed (status 40)'],
    [70, '', 'mock could not build hello: it cannot write to the folder of results (status 70)'],
    [99, '', 'mock could not build hello: for a reason that only the journal has (status 99)'],
    [
      30,
      "No matching package to install: 'no-such-devel'\n",
      'build dependencies of hello cannot be met: no-such-devel',
    ],
    [
      1,
      'RPM build errors:\n    File not found: /builddir/hola\n',
      'rpmbuild could not build hello: File not found: /builddir/hola',
    ],
  ])('tells what its status %d means', async (status, said, message) => {
    await writeFile(join(home, 'keyring.asc'), 'a key');
    const { environments } = parts();
    await environments.create(environment());
    printed = said;
    mock = () => status;
    await expect(buildIt()).rejects.toMatchObject({ message });
  });

  it('keeps the root of a failed interactive build, and opens a shell in it', async () => {
    await writeFile(join(home, 'keyring.asc'), 'a key');
    await parts().environments.create(environment());
    transcript = [];
    mock = (argv) => Number(argv.includes('--rebuild'));
    await expect(buildIt(somebody())).rejects.toMatchObject({ code: 'RPM.MOCK_FAILED' });
    expect(transcript.filter((line) => line.includes('mock | --root'))).toEqual([
      '$ mock | --root=/mnt/environment.cfg | --verbose | --no-cleanup-after | --rebuild | /build/hello-1-1.src.rpm | --resultdir | /build/RPMS',
      'terminal mock | --root=/mnt/environment.cfg | --quiet | --no-clean | --unpriv | --cwd=/builddir | --shell',
    ]);
    expect(await readdir(join(home, 'images/dev/rpm/mock/volume/tasks'))).toEqual([]);
  });
});
