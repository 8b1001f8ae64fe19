import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { unplacedSource } from '@fatbuildr/artifacts';
import type { PackagingRequest } from '@fatbuildr/builds';
import { badVersion, missingPackaging } from './builder.errors';
import { parseControl, type SourceControl } from './control';

type Packaging = Pick<PackagingRequest, 'artifact' | 'packaging'>;

/** Folder of the tree. */
export const PACKAGING = 'debian';

/** dpkg's own rule for a version; it asks for a leading digit on top of Debian Policy 5.6.12. */
const VERSION = /^(?:\d+:)?\d[0-9A-Za-z.+~-]*-[0-9A-Za-z.+~]+$/;

/** @throws FatbuildrError `DEB.BAD_VERSION` */
export function checkVersion({ artifact, version }: PackagingRequest): void {
  if (!VERSION.test(version.full)) throw badVersion(artifact, version.full);
}

/** @throws FatbuildrError `SOURCE.UNPLACED` for a supplementary source where the packaging goes */
export function requireOwnFolders({ sources }: Pick<PackagingRequest, 'sources'>): void {
  for (const { id, archive, folder } of sources.slice(1)) {
    // The id becomes a link to the folder.
    if (id !== PACKAGING && folder !== PACKAGING) continue;
    throw unplacedSource(id, basename(archive), `${PACKAGING}/ is the folder of the packaging`);
  }
}

/** @throws FatbuildrError `DEB.MISSING_PACKAGING`, `DEB.BAD_CONTROL` */
export async function readControl(request: Packaging): Promise<SourceControl> {
  return parseControl(await requiredFile(request, 'control'), request.artifact);
}

/** @throws FatbuildrError `DEB.MISSING_PACKAGING` */
export async function requireRules(request: Packaging): Promise<void> {
  await requiredFile(request, 'rules');
}

/** The text of a packaging file that must be there. */
async function requiredFile({ packaging, artifact }: Packaging, name: string): Promise<string> {
  try {
    return await readFile(join(packaging, name), 'utf8');
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code === 'ENOENT') throw missingPackaging(artifact, name);
    throw fault;
  }
}
