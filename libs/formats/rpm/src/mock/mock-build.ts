import { basename } from 'node:path';
import { Injectable } from '@nestjs/common';
import {
  BUILD_FOLDER,
  executeIn,
  faultOf,
  lookAround,
  PRESCRIPT_FOLDERS,
  PRESCRIPT_VARIABLES,
  type BinaryRequest,
  type PrescriptRequest,
  type PrescriptWork,
  type SourceRequest,
} from '@fatbuildr/builds';
import { hostArchitecture } from '@fatbuildr/config';
import type { ArgumentVector } from '@fatbuildr/containers';
import type { FatbuildrError } from '@fatbuildr/errors';
import { ImagesService } from '@fatbuildr/images';
import type { RpmBuildTool } from '../builder/rpm-build-tool.port';
import { installCommands } from '../builder/prescript-packages';
import { explainBuilddep, explainInstall, explainRpmbuild } from '../builder/rpmbuild-output';
import { DnfRegistry } from '../registry/dnf-registry';
import { Mock, mockCommand, TOOL, type MockRequest, type Session } from './mock';
import { quoted } from './mock-environment';
import { mockFailed } from './mock.errors';

const mountsOf = (folder: string) => [{ source: folder, target: BUILD_FOLDER }];

/** Builds by mock, which unpacks a root and installs build dependencies each time. */
@Injectable()
export class MockBuild implements RpmBuildTool {
  readonly tool = TOOL;

  constructor(
    private readonly mock: Mock,
    private readonly images: ImagesService,
    private readonly registry: DnfRegistry,
  ) {}

  async source(request: SourceRequest, folder: string, options: readonly string[]): Promise<void> {
    const wanted = await this.environment(request, hostArchitecture());
    await this.mock.use(wanted, { mounts: mountsOf(folder) }, (session) =>
      run(session, request, [
        '--buildsrpm',
        ...['--spec', `${BUILD_FOLDER}/${request.artifact}.spec`],
        ...['--sources', `${BUILD_FOLDER}/SOURCES`],
        ...['--resultdir', `${BUILD_FOLDER}/SRPMS`],
        ...rpmbuildOptions(options),
      ]),
    );
  }

  async build(
    request: BinaryRequest,
    folder: string,
    file: string,
    options: readonly string[],
  ): Promise<void> {
    const { architecture, derivative, instance, pipeline } = request;
    const wanted = await this.environment(request, architecture);
    const { distribution } = pipeline;
    const own = await this.registry.sourceFor(instance, distribution, derivative, architecture);
    await this.mock.use(wanted, { own, mounts: mountsOf(folder) }, (session) =>
      run(session, request, [
        ...['--rebuild', `${BUILD_FOLDER}/${basename(file)}`],
        ...['--resultdir', `${BUILD_FOLDER}/RPMS`],
        ...rpmbuildOptions(options),
      ]),
    );
  }

  /** In a root of its own, into which the packages are installed each time. */
  async inPrescriptSession(request: PrescriptRequest, work: PrescriptWork): Promise<void> {
    const { artifact, context, derivative, instance, mounts, packages, pipeline } = request;
    const architecture = hostArchitecture();
    const wanted = await this.environment(request, architecture);
    const { distribution } = pipeline;
    const own = await this.registry.sourceFor(instance, distribution, derivative, architecture);
    await this.mock.use(wanted, { own, bound: mounts }, async ({ container, folder }) => {
      for (const [act, ...args] of installCommands(packages)) {
        const how = act === 'install' ? ['--install'] : ['--dnf-cmd', '--', act];
        const argv = mockCommand('--verbose', ...how, ...args);
        const task = { ...context, workspace: folder };
        const explain = (printed: string, status: number) =>
          explainInstall(artifact)(printed) ??
          mockFailed(`install the packages that pre.sh of ${artifact} needs`, status);
        const fault = await faultOf(container, { argv }, task, explain);
        if (fault) throw fault;
      }
      await work({
        run: (argv, task, explain) =>
          executeIn(container, prescriptCommand(argv), '/', task, explain),
      });
    });
  }

  private async environment(
    { context, instance, pipeline }: Pick<SourceRequest, 'context' | 'instance' | 'pipeline'>,
    architecture: string,
  ): Promise<MockRequest> {
    const { environment = '', format } = pipeline;
    await this.images.requireEnvironment(instance, format, environment, architecture);
    const pipelines = instance.pipelines.filter(
      (one) => one.format === format && one.environment === environment,
    );
    return { context, instance, environment, architecture, pipelines };
  }
}

/** How mock runs a command as the build account, in the source tree and with network. */
function prescriptCommand(argv: ArgumentVector): ArgumentVector {
  const variables = Object.entries(PRESCRIPT_VARIABLES).map(([name, value]) => `${name}=${value}`);
  return mockCommand(
    ...['--quiet', '--enable-network', '--unpriv', `--cwd=${PRESCRIPT_FOLDERS.tree}`],
    ...['--chroot', '--', 'env', ...variables, ...argv],
  );
}

/** Runs mock, and where it failed a shell in its root, in an interactive build. */
async function run(
  { container, folder }: Session,
  { artifact, context: task }: Pick<SourceRequest, 'artifact' | 'context'>,
  args: readonly string[],
): Promise<void> {
  // The root is what may fill the disk.
  const context = { ...task, workspace: folder };
  // It would remove the root before anybody could look into it.
  const keep = context.console ? ['--no-cleanup-after'] : [];
  const argv = mockCommand('--verbose', ...keep, ...args);
  const fault = await faultOf(container, { argv }, context, explainMock(artifact));
  if (fault === undefined) return;
  if (context.console) {
    context.journal.log('error', fault.message);
    const shell = mockCommand('--quiet', '--no-clean', '--unpriv', '--cwd=/builddir', '--shell');
    await lookAround(container, { argv: shell }, context);
  }
  throw fault;
}

/** Why mock failed: what dnf and rpmbuild say of it, else what its status means. */
function explainMock(artifact: string) {
  return (printed: string, status: number): FatbuildrError => {
    const said =
      status === 30 ? explainBuilddep(artifact)(printed) : explainRpmbuild(artifact)(printed);
    return said ?? mockFailed(`build ${artifact}`, status);
  };
}

/** Options of rpmbuild as mock takes them: some it knows itself, others come in one text. */
function rpmbuildOptions(options: readonly string[]): string[] {
  const known: string[] = [];
  const others: string[] = [];
  for (let at = 0; at < options.length; at += 1) {
    const [, name, joined] = /^(--(?:define|with|without)|-D)(?:=(.*))?$/s.exec(options[at]!) ?? [];
    const value = name === undefined ? undefined : (joined ?? options[(at += 1)]);
    if (name === undefined || value === undefined) others.push(options[at] ?? name!);
    else known.push(`${name === '-D' ? '--define' : name}=${value}`);
  }
  return others.length === 0
    ? known
    : [...known, `--rpmbuild-opts=${others.map(quoted).join(' ')}`];
}
