import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { walkTar, type UnpackLimits } from '@fatbuildr/artifacts';
import type { ChangelogEntry } from '@fatbuildr/protocol';
import { digestFile, type FileDigests } from '@fatbuildr/registries';
import { LARGEST_CHANGELOG } from './binary-package';
import { damagedPackage, unreadablePackage } from './deb.errors';
import { parseStanzas, type Stanza } from './deb822';
import { parseDebianChangelog } from './debian-changelog';
import { checkNames } from './pool-path';
import { requireFile } from './regular-file';

/** What is read of a .dsc and the files it lists (dsc(5)). */
export interface SourcePackage {
  control: Stanza;
  /** Absolute paths; the .dsc first. */
  files: (FileDigests & { from: string; name: string })[];
  /** Newest first. */
  changelog: ChangelogEntry[];
}

/** Bytes a .dsc may have. */
const LARGEST_DSC = 1024 * 1024;

/** @throws FatbuildrError `DEB.DAMAGED_PACKAGE`, also when a listed file is missing or differs */
export async function readSourcePackage(
  path: string,
  limits: UnpackLimits,
): Promise<SourcePackage> {
  try {
    if ((await requireFile(path)) > LARGEST_DSC)
      throw new Error(`larger than ${LARGEST_DSC} bytes`);
    const [control, ...more] = parseStanzas(await readFile(path, 'utf8'));
    if (control === undefined || more.length > 0)
      throw new Error('it is not exactly one paragraph');
    const files = [{ from: path, name: basename(path), ...(await digestFile(path)) }];
    for (const listed of listedFiles(control)) {
      const from = join(dirname(path), listed.name);
      await requireFile(from);
      const found = await digestFile(from);
      if (found.sha256 !== listed.sha256 || found.size !== listed.size) {
        throw damagedPackage(from, `its content is not the one ${basename(path)} lists`);
      }
      files.push({ from, name: listed.name, ...found });
    }
    return { control, files, changelog: await readChangelog(files, limits) };
  } catch (fault) {
    throw unreadablePackage(path, fault);
  }
}

/** `Checksums-Sha256`: lines of digest, size and name. */
function listedFiles(control: Stanza): { name: string; size: number; sha256: string }[] {
  const lines = (control.get('Checksums-Sha256') ?? '').split('\n').map((line) => line.trim());
  const files = lines.filter(Boolean).map((line) => {
    const [sha256 = '', size = '', name = ''] = line.split(/\s+/);
    checkNames({ file: name });
    return { name, sha256: sha256.toLowerCase(), size: Number(size) };
  });
  if (files.length === 0) throw new Error('it lists no files under Checksums-Sha256');
  return files;
}

/** Of the packaging archive (3.0 quilt), or of the only archive (native). */
async function readChangelog(
  files: SourcePackage['files'],
  limits: UnpackLimits,
): Promise<ChangelogEntry[]> {
  const packaging =
    files.find(({ name }) => /\.debian\.tar\.\w+$/.test(name)) ??
    files.find(({ name }) => /\.tar\.\w+$/.test(name) && !/\.orig(-[^.]+)?\.tar\.\w+$/.test(name));
  if (packaging === undefined) return [];
  let text = '';
  await walkTar(
    { path: packaging.from, name: packaging.name },
    limits,
    ({ name, type, size }) =>
      type === 'file' &&
      (size ?? 0) <= LARGEST_CHANGELOG &&
      /^(?:\.\/)?(?:[^/]+\/)?debian\/changelog$/.test(name),
    (_header, data) => {
      text = data.toString('utf8');
    },
  );
  return parseDebianChangelog(text);
}
