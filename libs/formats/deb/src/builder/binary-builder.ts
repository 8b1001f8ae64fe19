import { basename, join } from 'node:path';
import { Injectable } from '@nestjs/common';
import {
  badResult,
  cloneFile,
  collect,
  findFile,
  makeBuildFolder,
  type BinaryRequest,
} from '@fatbuildr/builds';
import { removeTree } from '@fatbuildr/processes';
import { SCRATCH } from '@fatbuildr/tasks';
import type { DebBuildTool } from './deb-build-tool.port';
import { listedFiles } from './listed-files';

/** Builds binary packages from a source package. */
@Injectable()
export class BinaryBuilder {
  /**
   * @param started called when the build itself begins
   * @returns the packages; what else describes the build (.changes, .buildinfo) is left beside them
   */
  async build(request: BinaryRequest, tool: DebBuildTool, started: () => void): Promise<string[]> {
    const { context, source, results, architecture } = request;
    const [dsc] = source.files;
    if (dsc === undefined) throw badResult('no source package', 'there is nothing to build');
    const folder = join(context.workspace, SCRATCH, `build-${architecture}`);
    await makeBuildFolder(folder);
    for (const file of source.files) await cloneFile(file, join(folder, basename(file)));
    await tool.build(request, folder, join(folder, basename(dsc)), started);
    const changes = await findFile(folder, '.changes');
    const built = await listedFiles(folder, changes);
    const files = await collect(folder, [...built, changes], results);
    await removeTree(folder);
    return files.filter((file) => /\.[ud]?deb$/.test(file));
  }
}
