import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import {
  archiveFormat,
  assembleSourceTree,
  makeSourceTree,
  packTree,
  refreshPatches,
  unpack,
  type ArchiveFormat,
} from '@fatbuildr/artifacts';
import {
  cloneFile,
  collect,
  findFile,
  handOver,
  makeBuildFolder,
  type BuildPatch,
  type SourcePackage,
  type SourceRequest,
} from '@fatbuildr/builds';
import { CONFIGURATION, type Configuration } from '@fatbuildr/config';
import { removeTree } from '@fatbuildr/processes';
import { SCRATCH } from '@fatbuildr/tasks';
import { buildargs } from './buildargs';
import { badPackagingFile, noMainSource } from './builder.errors';
import { furtherSources, PLAIN_NAME } from './further-sources';
import type { RpmBuildTool } from './rpm-build-tool.port';
import { otherName, renderSpec, sourceFolder, type SpecFiles } from './spec-file';
import { readSourceHeader } from './source-header';

/** Archives that `%setup` takes in every environment. */
const PRISTINE: Partial<Record<ArchiveFormat, string>> = { gz: 'gz', bz2: 'bz2', xz: 'xz' };

/** Makes source packages: the rendered spec, upstream's archive, patches and further files. */
@Injectable()
export class SourceBuilder {
  constructor(@Inject(CONFIGURATION) private readonly configuration: Configuration) {}

  async build(request: SourceRequest, tool: RpmBuildTool): Promise<SourcePackage> {
    const { artifact, context, parameters, results } = request;
    const [main] = request.sources;
    if (!main) throw noMainSource(artifact);
    const options = buildargs(parameters, artifact);
    const folder = join(context.workspace, SCRATCH, 'source-package');
    const sources = join(folder, 'SOURCES');
    await makeBuildFolder(folder);
    await mkdir(sources);
    const files = {
      sources: [
        ...(await this.placeArchives(request, sources)),
        ...(await placeFiles(request, sources)),
      ],
      patches: await placePatches(await this.refresh(request), sources),
    };
    await this.placeSpec(request, files, folder);
    await tool.source(request, folder, options);
    const place = join(folder, 'SRPMS');
    const collected = await collect(place, [await findFile(place, '.src.rpm')], results);
    await removeTree(folder);
    const { name, independent } = await readSourceHeader(collected[0]!);
    if (name !== artifact) throw otherName(artifact, name);
    return { files: collected, independent };
  }

  /** Patches that rpmbuild applies as they are. */
  private async refresh(request: SourceRequest): Promise<readonly BuildPatch[]> {
    const { context, patches, sources } = request;
    if (patches.length === 0) return patches;
    const { maxEntries, maxUnpacked } = this.configuration.sources;
    const tree = await assembleSourceTree({
      ...{ sources, parent: join(context.workspace, SCRATCH), name: 'patched' },
      ...{ limits: { maxEntries, maxUnpacked }, signal: context.signal },
    });
    const tell = (message: string) => context.journal.log('info', message);
    const refreshed = await refreshPatches(tree, patches, tell);
    await removeTree(tree);
    return refreshed;
  }

  private async placeArchives(request: SourceRequest, sources: string): Promise<string[]> {
    const placed: string[] = [];
    for (const { archive, folder = sourceFolder(request) } of request.sources) {
      placed.push(await this.placeArchive(request, archive, folder, sources));
    }
    return placed;
  }

  /** Upstream's archive as it is where `%setup` finds the right folder in it, else packed again. */
  private async placeArchive(
    { context }: SourceRequest,
    archive: string,
    folder: string,
    sources: string,
  ): Promise<string> {
    const { maxEntries, maxUnpacked } = this.configuration.sources;
    const limits = { maxEntries, maxUnpacked };
    const { signal } = context;
    const place = join(context.workspace, SCRATCH, 'unpacked');
    await removeTree(place);
    const ending = PRISTINE[await archiveFormat(archive)];
    if (ending !== undefined) {
      await unpack(archive, place, { limits, signal });
      const top = await readdir(place);
      await removeTree(place);
      if (top.length === 1 && top[0] === folder) {
        const name = `${folder}.tar.${ending}`;
        await cloneFile(archive, join(sources, name));
        return name;
      }
    }
    context.journal.log('info', `${basename(archive)} is packed again, with all in ${folder}/`);
    await mkdir(place);
    const tree = await makeSourceTree({ archive, name: folder, parent: place, limits, signal });
    await packTree(tree, join(sources, `${folder}.tar.xz`), { signal });
    await removeTree(place);
    return `${folder}.tar.xz`;
  }

  private async placeSpec(request: SourceRequest, files: SpecFiles, folder: string): Promise<void> {
    const spec = await renderSpec(request, files);
    await writeFile(join(folder, `${request.artifact}.spec`), spec);
    await handOver(folder);
  }
}

/** @returns names of the files beside the spec, which are placed as further sources */
async function placeFiles(
  { artifact, packaging, context }: SourceRequest,
  sources: string,
): Promise<string[]> {
  const names = await furtherSources({ artifact, packaging }, (message) =>
    context.journal.log('warning', message),
  );
  const taken = await readdir(sources);
  for (const name of names) {
    if (taken.includes(name)) {
      throw badPackagingFile(artifact, name, 'the archive of the source has that name');
    }
    await cloneFile(join(packaging, name), join(sources, name));
  }
  return names;
}

/** Patches under names that a spec can hold, and nothing else in SOURCES has. */
async function placePatches(patches: readonly BuildPatch[], sources: string): Promise<string[]> {
  const names: string[] = [];
  for (const [index, { name, content }] of patches.entries()) {
    const plain = name.replace(/[^A-Za-z0-9._+-]/g, '-');
    const taken = (await readdir(sources)).includes(plain);
    const file = taken || !PLAIN_NAME.test(plain) ? `patch${index}-${plain}` : plain;
    await writeFile(join(sources, file), content);
    names.push(file);
  }
  return names;
}
