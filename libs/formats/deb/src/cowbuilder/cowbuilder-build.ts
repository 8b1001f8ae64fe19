import { chmod, copyFile, cp, mkdir, readdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import {
  BUILD_FOLDER,
  executeIn,
  faultOf,
  lookAround,
  PRESCRIPT_FOLDERS,
  PRESCRIPT_VARIABLES,
  type BinaryRequest,
  type Explain,
  type PrescriptRequest,
  type PrescriptWork,
} from '@fatbuildr/builds';
import { CONFIGURATION, hostArchitecture, type Configuration } from '@fatbuildr/config';
import type { ArgumentVector } from '@fatbuildr/containers';
import { aptCommand, BUILD_USER, formatImageName, ImagesService, SHELL } from '@fatbuildr/images';
import type { Instance, Pipeline } from '@fatbuildr/instances';
import { removeTree } from '@fatbuildr/processes';
import { SCRATCH, type TaskContext } from '@fatbuildr/tasks';
import type { FatbuildrError } from '@fatbuildr/errors';
import { aptInstall, explainMissing } from '../builder/apt-install';
import { buildFailed, networkNotCut, unmetDependencies } from '../builder/builder.errors';
import type { DebBuildTool } from '../builder/deb-build-tool.port';
import { aptPreferences, aptSources } from '../builder/own-registry';
import { parseUnmetDependencies } from '../builder/unmet-dependencies';
import { AptRegistry, type AptSource } from '../registry/apt-registry';
import { Cowbuilder, HELD, TOOL, type Session } from './cowbuilder';
import { COW_SHELL, holdCopy } from './held-copy';

/** Folders of the container; the registry has the same path in the copy. */
const MOUNTS = { hooks: '/mnt', registry: '/media' } as const;

/** How pbuilder runs what is to have no network. */
const OFFLINE = ['unshare', '-n', '--', '/usr/lib/pbuilder/pbuilder-unshare-wrapper'] as const;

/** Builds by cowbuilder, which installs build dependencies each time. */
@Injectable()
export class CowbuilderBuild implements DebBuildTool {
  readonly tool = TOOL;

  constructor(
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    private readonly cowbuilder: Cowbuilder,
    private readonly images: ImagesService,
    private readonly registry: AptRegistry,
  ) {}

  sourceImage({ id }: Instance, { format }: Pipeline): string {
    return formatImageName(id, format);
  }

  async build(
    request: BinaryRequest,
    folder: string,
    dsc: string,
    started: () => void,
  ): Promise<void> {
    const { architecture, artifact, context, derivative, instance, pipeline } = request;
    const { distribution, environment = '', format } = pipeline;
    const base = await this.images.requireEnvironment(instance, format, environment, architecture);
    const place = { context, instance, environment, architecture };
    const own = await this.registry.sourceFor(instance, distribution, derivative);
    const hooks = join(context.workspace, SCRATCH, `hooks-${architecture}`);
    await this.writeHooks(hooks, request, own);
    const mounts = [
      { source: folder, target: BUILD_FOLDER },
      { source: hooks, target: MOUNTS.hooks, readOnly: true },
      ...(own ? [{ source: own.folder, target: MOUNTS.registry, readOnly: true }] : []),
    ];
    const fault = await this.cowbuilder.use({ ...place, mounts }, async (session) => {
      // pbuilder itself would only warn, and go on with the network.
      const status = await session.container.exec({ argv: [...OFFLINE, 'true'] });
      if (status !== 0) throw networkNotCut(status);
      started();
      const command = session.command(
        ...(['--build', session.inside(base.id)] as const),
        ...['--buildresult', BUILD_FOLDER, '--hookdir', MOUNTS.hooks],
        ...(own ? ['--bindmounts', MOUNTS.registry] : []),
        ...(request.withIndependent ? ['--debbuildopts', '-b'] : ['--binary-arch']),
        join(BUILD_FOLDER, basename(dsc)),
      );
      return run(session, command, explainPbuilder(artifact), context);
    });
    await removeTree(hooks);
    if (fault) throw fault;
  }

  /** In a copy of the environment that is thrown away, into which the packages are installed each time. */
  async inPrescriptSession(request: PrescriptRequest, work: PrescriptWork): Promise<void> {
    const { artifact, context, instance, mounts, packages, pipeline } = request;
    const { environment = '', format } = pipeline;
    const architecture = hostArchitecture();
    const base = await this.images.requireEnvironment(instance, format, environment, architecture);
    const place = { context, instance, environment, architecture };
    await this.cowbuilder.use({ ...place, mounts }, async (session) => {
      const { container, folder } = session;
      const targets = mounts.map(({ target }) => target);
      const copy = await holdCopy(session, base.id, place, targets);
      const commands = [
        aptCommand('update'),
        ...(packages.length > 0 ? [aptInstall(packages)] : []),
      ];
      for (const command of commands) {
        const argv = ['chroot', copy, ...COW_SHELL, ...command.argv] as const;
        // The copy is what may fill the disk.
        const task = { ...context, workspace: folder };
        const fault = await faultOf(
          container,
          { ...command, argv },
          task,
          explainMissing(artifact),
        );
        if (fault) throw fault;
      }
      const variables = Object.entries(PRESCRIPT_VARIABLES).map(
        ([name, value]) => `${name}=${value}`,
      );
      const start = ['chroot', `--userspec=${BUILD_USER}`, copy, 'env'] as const;
      const how = [`--chdir=${PRESCRIPT_FOLDERS.tree}`, ...variables];
      await work({
        run: (argv, task, explain) =>
          executeIn(container, [...start, ...how, ...argv], '/', task, explain),
      });
    });
  }

  /** Hooks of pbuilder (pbuilder(8)), and what they read: all of the folder comes into the copy. */
  private async writeHooks(
    folder: string,
    { context, instance }: BinaryRequest,
    own: AptSource | undefined,
  ): Promise<void> {
    const definitions = join(this.configuration.images.defs, 'deb', TOOL);
    await mkdir(folder, { recursive: true, mode: 0o755 });
    await cp(join(definitions, 'hooks'), folder, { recursive: true });
    // After a build that failed, when there is somebody to look into it.
    if (context.console) await copyFile(join(definitions, 'hold.sh'), join(folder, 'C10hold'));
    for (const hook of await readdir(folder)) await chmod(join(folder, hook), 0o755);
    if (!own) return;
    const keyring = `${MOUNTS.registry}/${basename(own.keyring)}`;
    const sources = aptSources(own, { folder: MOUNTS.registry, keyring });
    await writeFile(join(folder, 'sources'), sources);
    await writeFile(join(folder, 'preferences'), aptPreferences(own, instance.name));
  }
}

/** Runs a build, and where it failed a shell, in an interactive one; @returns why it failed */
async function run(
  session: Session,
  argv: ArgumentVector,
  explain: Explain,
  task: TaskContext,
): Promise<FatbuildrError | undefined> {
  const { container, folder } = session;
  // The copy is what may fill the disk.
  const context = { ...task, workspace: folder };
  if (!context.console) return faultOf(container, { argv }, context, explain);
  let tell: () => void;
  const held = new Promise<void>((resolve) => (tell = resolve));
  const ended = faultOf(container, { argv }, context, explain, (printed) => {
    if (printed.includes(HELD)) tell();
  });
  ended.catch(() => undefined);
  const lookedAround = held.then(async () => {
    const copy = await session.copy();
    const user = ['chroot', `--userspec=${BUILD_USER}`, copy];
    const place = ['env', '--chdir=/build/source', 'HOME=/nonexistent', 'LC_ALL=C'];
    await lookAround(container, { argv: [...OFFLINE, ...user, ...place, ...SHELL.argv] }, context);
    await session.release(copy);
  });
  lookedAround.catch(() => undefined);
  await Promise.race([ended, lookedAround]);
  return ended;
}

/** Why cowbuilder failed to build, from what it printed. */
function explainPbuilder(artifact: string): Explain {
  return (printed) => {
    if (printed.includes('E: pbuilder-satisfydepends failed.')) {
      const unmet = parseUnmetDependencies(printed);
      return unmet.length > 0 ? unmetDependencies(artifact, unmet) : undefined;
    }
    const reason = /^dpkg-buildpackage: error: (.+)$/m.exec(printed)?.[1];
    return reason === undefined ? undefined : buildFailed(artifact, reason);
  };
}
