import { chmod, lstat, mkdir, readdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import {
  assembleSourceTree,
  PACKED_TIME,
  refreshPatches,
  packTree,
  withoutEpoch,
  type UnpackLimits,
} from '@fatbuildr/artifacts';
import {
  badResult,
  BUILD_FOLDER,
  cloneFile,
  executeIn,
  explainPatch,
  FormatBuilders,
  handOver,
  makeBuildFolder,
  patchCommand,
  type BinaryRequest,
  type FormatBuilder,
  type SourcePackage,
  type SourceRequest,
} from '@fatbuildr/builds';
import { CONFIGURATION, hostArchitecture, type Configuration } from '@fatbuildr/config';
import {
  CONTAINER_ENGINE,
  type ContainerEngine,
  type RunningContainer,
} from '@fatbuildr/containers';
import { BUILD_USER, formatImageName, ImagesService } from '@fatbuildr/images';
import { removeTree } from '@fatbuildr/processes';
import { SCRATCH } from '@fatbuildr/tasks';
import { BUILD_SCRIPT, hasBuildScript } from './build-script';
import { TARBALL_DEFINITION } from './definition';
import {
  ARCHIVE_ENDING,
  BUILD_SCRIPT_ENDING,
  describeRelease,
  listArchive,
  readReleaseDescription,
  releaseName,
  SOURCE,
} from './release';
import { foreignArchitecture, noMainSource, nothingInstalled } from './tarball.errors';

/** In the build folder: what the script installs. */
const INSTALLED = 'installed';
const PATCHES = 'patches';

/** Release archives: the patched source, and what its build script installs. */
@Injectable()
export class TarballBuilder implements FormatBuilder, OnModuleInit {
  readonly format = 'tarball';
  readonly definitionRules = TARBALL_DEFINITION;

  constructor(
    private readonly builders: FormatBuilders,
    private readonly images: ImagesService,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    @Inject(CONTAINER_ENGINE) private readonly engine: ContainerEngine,
  ) {}

  onModuleInit(): void {
    this.builders.register(this);
  }

  async prepare({
    instance,
    architectures,
  }: Parameters<FormatBuilder['prepare']>[0]): Promise<void> {
    const foreign = architectures.find((name) => name !== hostArchitecture());
    if (foreign !== undefined) throw foreignArchitecture(foreign, hostArchitecture());
    await this.images.requireImage(instance, this.format);
  }

  async source(request: SourceRequest): Promise<SourcePackage> {
    const { artifact, context, results, changelog } = request;
    if (request.sources.length === 0) throw noMainSource(artifact);
    const builds = await hasBuildScript(request);
    const release = {
      ...{ name: artifact, architecture: SOURCE, version: request.version.full },
      changelog: [...changelog],
    };
    const name = releaseName(release);
    const folder = join(context.workspace, SCRATCH, 'release');
    await makeBuildFolder(folder);
    const tree = await assembleSourceTree({
      ...{ sources: request.sources, parent: folder },
      name: `${artifact}-${withoutEpoch(release.version)}`,
      ...{ limits: this.limits, signal: context.signal },
    });
    await this.patch(request, folder, tree);
    const archive = join(results, `${name}${ARCHIVE_ENDING}`);
    await this.pack(tree, archive, name, context.signal);
    await removeTree(folder);
    const script = join(results, `${name}${BUILD_SCRIPT_ENDING}`);
    if (builds) await cloneFile(join(request.packaging, BUILD_SCRIPT), script);
    else context.journal.log('info', 'No tarball/build in the definition: the source is released');
    return {
      files: await describeRelease(release, builds ? [archive, script] : [archive]),
      independent: !builds,
    };
  }

  async binary(request: BinaryRequest): Promise<readonly string[]> {
    const { context, source, architecture, results } = request;
    const [description = '', archive = '', script] = source.files;
    if (script === undefined) return [];
    const { version, changelog } = await readReleaseDescription(description);
    const release = { name: request.artifact, architecture, version, changelog };
    const folder = join(context.workspace, SCRATCH, `build-${architecture}`);
    const installed = join(folder, INSTALLED);
    await makeBuildFolder(folder);
    await makeBuildFolder(installed);
    await cloneFile(archive, join(folder, basename(archive)));
    await cloneFile(script, join(folder, BUILD_SCRIPT));
    await chmod(join(folder, BUILD_SCRIPT), 0o755);
    await this.inContainer(request, folder, async (container) => {
      const unpack = ['tar', '--extract', '--file', basename(archive)] as const;
      await executeIn(container, unpack, BUILD_FOLDER, context);
      const tree = `${BUILD_FOLDER}/${basename(archive, ARCHIVE_ENDING)}`;
      await executeIn(container, [`${BUILD_FOLDER}/${BUILD_SCRIPT}`], tree, context);
    });
    // Whoever builds may have put a link in its place.
    if (!(await lstat(installed).catch(() => undefined))?.isDirectory()) {
      throw badResult('$DESTDIR', 'it is no folder any more');
    }
    if ((await readdir(installed)).length === 0) throw nothingInstalled(request.artifact);
    const name = releaseName(release);
    const binary = join(results, `${name}${ARCHIVE_ENDING}`);
    await this.pack(installed, binary, name, context.signal);
    await removeTree(folder);
    return describeRelease(release, [binary]);
  }

  /** Nothing is begun in the background. */
  drop(): Promise<void> {
    return Promise.resolve();
  }

  async checks({ context, files, results }: Parameters<FormatBuilder['checks']>[0]): Promise<void> {
    const lines: string[] = [];
    for (const file of files.filter((path) => path.endsWith(ARCHIVE_ENDING))) {
      lines.push(`${basename(file)}:`);
      for (const { path, type, size } of await listArchive(file, this.limits)) {
        lines.push(`${type} ${String(size).padStart(10)} ${path}`);
      }
    }
    const listing = Buffer.from(`${lines.join('\n')}\n`);
    await writeFile(join(results, 'contents.txt'), listing);
    context.journal.output(listing);
  }

  /** The patches come from the definition, so they are applied where they can do no harm. */
  private async patch(request: SourceRequest, folder: string, tree: string): Promise<void> {
    const { context } = request;
    if (request.patches.length === 0) return;
    const tell = (message: string) => context.journal.log('info', message);
    const patches = await refreshPatches(tree, request.patches, tell);
    await mkdir(join(folder, PATCHES));
    for (const { name, content } of patches) {
      await writeFile(join(folder, PATCHES, name), content, { mode: 0o644 });
    }
    await handOver(folder);
    await this.inContainer(request, folder, async (container) => {
      const workdir = `${BUILD_FOLDER}/${basename(tree)}`;
      for (const { name } of patches) {
        const input = `${BUILD_FOLDER}/${PATCHES}/${name}`;
        const argv = patchCommand(input);
        await executeIn(container, argv, workdir, context, explainPatch(request.artifact, name));
      }
    });
  }

  /** Offline, without privileges, with the folder as `/build`; nothing runs there afterwards. */
  private async inContainer(
    { context, instance }: Pick<BinaryRequest, 'context' | 'instance'>,
    folder: string,
    work: (container: RunningContainer) => Promise<void>,
  ): Promise<void> {
    const container = await this.engine.start({
      image: formatImageName(instance.id, this.format),
      owner: { instance: instance.id, task: context.task.id },
      network: 'none',
      user: BUILD_USER,
      environment: {
        LC_ALL: 'C.UTF-8',
        HOME: '/nonexistent',
        DESTDIR: `${BUILD_FOLDER}/${INSTALLED}`,
        SOURCE_DATE_EPOCH: String(PACKED_TIME.getTime() / 1000),
      },
      mounts: [{ source: folder, target: BUILD_FOLDER }],
    });
    try {
      await work(container);
    } finally {
      await container.remove();
    }
  }

  private async pack(folder: string, archive: string, prefix: string, signal: AbortSignal) {
    const { maxUnpacked: maxSize, maxEntries } = this.configuration.sources;
    await packTree(folder, archive, { prefix, maxSize, maxEntries, signal });
  }

  private get limits(): UnpackLimits {
    const { maxUnpacked, maxEntries } = this.configuration.sources;
    return { maxUnpacked, maxEntries };
  }
}
