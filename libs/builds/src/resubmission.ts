import { constants } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Injectable } from '@nestjs/common';
import type { SourceArchive } from '@fatbuildr/protocol';
import { Resubmits, type TaskResubmission } from '@fatbuildr/tasks';
import { DEFINITION_ARCHIVE, SOURCE_ARCHIVES, type BuildRequest } from './build-context';
import { submissionGone } from './builds.errors';

/** Retries of builds take along what was submitted with them, and build the same: with the same entry. */
@Injectable()
@Resubmits('artifact build')
export class BuildResubmission implements TaskResubmission<'artifact build'> {
  async resubmit(
    request: BuildRequest,
    from: string,
    to: string,
    { id, submitted }: { id: string; submitted: number },
  ): Promise<BuildRequest> {
    // One that repeats another itself has the entry of that.
    return { entry: { task: id, submitted }, ...(await resubmitBuild(request, from, to)) };
  }
}

/**
 * Copies what was submitted with a build, the definition and archives of sources, from its workspace into
 * that of another.
 *
 * @returns the request with the paths of the copies
 * @throws FatbuildrError `BUILDS.SUBMISSION_GONE`
 */
export async function resubmitBuild(
  request: BuildRequest,
  from: string,
  to: string,
): Promise<BuildRequest> {
  await copySubmitted(from, to, DEFINITION_ARCHIVE);
  const archives: SourceArchive[] = [];
  for (const { id, path } of request.archives) {
    const file = join(SOURCE_ARCHIVES, basename(path));
    archives.push({ id, path: await copySubmitted(from, to, file) });
  }
  return { ...request, archives };
}

async function copySubmitted(from: string, to: string, file: string): Promise<string> {
  const target = join(to, file);
  await mkdir(dirname(target), { recursive: true, mode: 0o700 });
  try {
    // Shares the blocks where the file system can; a link would share what a later step may change.
    await copyFile(join(from, file), target, constants.COPYFILE_FICLONE);
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code === 'ENOENT') throw submissionGone(join(from, file));
    throw fault;
  }
  return target;
}
