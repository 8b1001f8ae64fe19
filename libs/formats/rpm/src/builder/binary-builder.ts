import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Injectable } from '@nestjs/common';
import {
  badResult,
  cloneFile,
  collect,
  makeBuildFolder,
  type BinaryRequest,
} from '@fatbuildr/builds';
import { removeTree } from '@fatbuildr/processes';
import { SCRATCH } from '@fatbuildr/tasks';
import { buildargs } from './buildargs';
import type { RpmBuildTool } from './rpm-build-tool.port';

/** Builds binary packages from a source package. */
@Injectable()
export class BinaryBuilder {
  /** @returns the packages */
  async build(request: BinaryRequest, tool: RpmBuildTool): Promise<string[]> {
    const { artifact, context, parameters, results, source, architecture } = request;
    const [file] = source.files;
    if (file === undefined) throw badResult('no source package', 'there is nothing to build');
    const options = buildargs(parameters, artifact);
    const folder = join(context.workspace, SCRATCH, `build-${architecture}`);
    await makeBuildFolder(folder);
    const copy = join(folder, basename(file));
    await cloneFile(file, copy);
    await tool.build(request, folder, copy, options);
    const place = join(folder, 'RPMS');
    const built = (await readdir(place)).filter(
      (name) =>
        name.endsWith('.rpm') &&
        !name.endsWith('.src.rpm') &&
        (request.withIndependent || !name.endsWith('.noarch.rpm')),
    );
    const files = await collect(place, built.sort(), results);
    await removeTree(folder);
    return files;
  }
}
