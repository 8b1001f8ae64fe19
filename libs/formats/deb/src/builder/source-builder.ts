import { appendFile, cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import {
  archiveFormat,
  makeSourceTree,
  packTree,
  refreshPatches,
  type ArchiveFormat,
} from '@fatbuildr/artifacts';
import {
  BUILD_FOLDER,
  cloneFile,
  collect,
  executeIn,
  explainPatch,
  findFile,
  handOver,
  makeBuildFolder,
  type BuildPatch,
  type BuildSource,
  type SourcePackage,
  type SourceRequest,
} from '@fatbuildr/builds';
import { CONFIGURATION, type Configuration } from '@fatbuildr/config';
import {
  CONTAINER_ENGINE,
  type ContainerEngine,
  type RunningContainer,
} from '@fatbuildr/containers';
import { BUILD_USER } from '@fatbuildr/images';
import { removeTree } from '@fatbuildr/processes';
import { SCRATCH } from '@fatbuildr/tasks';
import { noMainSource } from './builder.errors';
import { formatChangelog } from './changelog';
import { listedFiles } from './listed-files';
import { checkVersion, PACKAGING, readControl, requireOwnFolders, requireRules } from './packaging';

/** Archives that dpkg-source takes as they are, by the ending it expects (dsc(5)). */
const PRISTINE: Partial<Record<ArchiveFormat, string>> = {
  gz: 'gz',
  bz2: 'bz2',
  xz: 'xz',
  lzma: 'lzma',
};

/** Makes 3.0 (quilt) source packages: upstream's archive, the packaging files and the patches. */
@Injectable()
export class SourceBuilder {
  constructor(
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    @Inject(CONTAINER_ENGINE) private readonly engine: ContainerEngine,
  ) {}

  /** @param image has dpkg-source */
  async build(request: SourceRequest, image: string): Promise<SourcePackage> {
    const { artifact, context, version } = request;
    checkVersion(request);
    const [main] = request.sources;
    if (!main) throw noMainSource(artifact);
    requireOwnFolders(request);
    const control = await readControl(request);
    await requireRules(request);

    const folder = join(context.workspace, SCRATCH, 'source-package');
    await makeBuildFolder(folder);
    // The container gets ready while the tree is unpacked.
    const starting = this.startContainer(request, image, folder);
    try {
      const tree = await this.unpack(request, main, folder, `${artifact}-${version.upstream}`);
      // Packaging of upstream's own is not ours; dpkg-source drops it on unpacking, too.
      await rm(join(tree, PACKAGING), { recursive: true, force: true });
      await this.placeArchive(request, main, tree, folder);
      for (const supplement of request.sources.slice(1)) {
        const name = supplement.folder ?? supplement.id;
        // As dpkg-source does with what upstream has in that place.
        await rm(join(tree, name), { recursive: true, force: true });
        const part = await this.unpack(request, supplement, tree, name);
        await this.placeArchive(request, supplement, part, folder);
      }
      const tell = (message: string) => context.journal.log('info', message);
      const patches = await refreshPatches(tree, request.patches, tell);
      await writePackaging({ ...request, patches }, join(tree, PACKAGING));
      await handOver(folder);
      const command = ['dpkg-source', '--build', basename(tree)] as const;
      await executeIn(await starting, command, BUILD_FOLDER, context, explainPatch(artifact));
    } finally {
      await starting.then(
        (container) => container.remove(),
        () => undefined,
      );
    }
    const files = await collectSource(folder, request.results);
    await removeTree(folder);
    return { files, independent: control.independent };
  }

  private unpack(
    { context }: SourceRequest,
    { archive }: BuildSource,
    parent: string,
    name: string,
  ): Promise<string> {
    const { maxEntries, maxUnpacked } = this.configuration.sources;
    const limits = { maxEntries, maxUnpacked };
    return makeSourceTree({ archive, name, parent, limits, signal: context.signal });
  }

  /**
   * Upstream's archive as it is where dpkg can read it, else packed again; that of a supplementary source as
   * a component (dpkg-source(1), 3.0 quilt).
   */
  private async placeArchive(
    { artifact, context, version }: SourceRequest,
    { archive, folder: component }: BuildSource,
    tree: string,
    folder: string,
  ): Promise<void> {
    const ending = PRISTINE[await archiveFormat(archive)];
    const part = component === undefined ? 'orig' : `orig-${component}`;
    const name = join(folder, `${artifact}_${version.upstream}.${part}.tar`);
    if (ending !== undefined) {
      await cloneFile(archive, `${name}.${ending}`);
      return;
    }
    context.journal.log('info', `${basename(archive)} is packed again as a tar that dpkg reads`);
    await packTree(tree, `${name}.xz`, { signal: context.signal });
  }

  private startContainer(
    { context, instance }: SourceRequest,
    image: string,
    folder: string,
  ): Promise<RunningContainer> {
    const starting = this.engine.start({
      image,
      owner: { instance: instance.id, task: context.task.id },
      network: 'none',
      user: BUILD_USER,
      environment: { LC_ALL: 'C.UTF-8', HOME: '/nonexistent' },
      mounts: [{ source: folder, target: BUILD_FOLDER }],
    });
    // Whoever waits for it is told; until then it is no unhandled fault.
    starting.catch(() => undefined);
    return starting;
  }
}

/** Fills `debian/`: the files of the definition, with changelog, patches and source format of ours. */
async function writePackaging(request: SourceRequest, debian: string): Promise<void> {
  const { artifact, pipeline, packaging, changelog, patches } = request;
  await cp(packaging, debian, { recursive: true, verbatimSymlinks: true });
  for (const generated of ['changelog', 'patches', 'source/format']) {
    await rm(join(debian, generated), { recursive: true, force: true });
  }
  await writeFile(
    join(debian, 'changelog'),
    formatChangelog(artifact, pipeline.distribution, changelog),
  );
  await mkdir(join(debian, 'source'), { recursive: true });
  await writeFile(join(debian, 'source', 'format'), '3.0 (quilt)\n');
  if (patches.length > 0) await writePatches(patches, join(debian, 'patches'));
}

async function writePatches(patches: readonly BuildPatch[], folder: string): Promise<void> {
  await mkdir(folder);
  for (const { name, content } of patches) await writeFile(join(folder, name), content);
  await writeFile(join(folder, 'series'), patches.map(({ name }) => `${name}\n`).join(''));
  // Hunks hold what they patch, which dpkg-source takes for a binary file that nobody wants.
  const binary = patches.filter(({ content }) => content.includes(0));
  const allowed = binary.map(({ name }) => `debian/patches/${name}\n`).join('');
  await appendFile(join(folder, '../source/include-binaries'), allowed);
}

/** The .dsc and the files it lists, moved to the results. */
async function collectSource(folder: string, results: string): Promise<string[]> {
  const dsc = await findFile(folder, '.dsc');
  const listed = await listedFiles(folder, dsc);
  return collect(folder, [dsc, ...listed], results);
}
