import { access, chmod, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { FatbuildrError } from '@fatbuildr/errors';
import { archiveFormat } from './archive-format';
import { TreeWriter, type UnpackLimits } from './tree-writer';
import { unpackTar } from './unpack-tar';
import { unpackZip } from './unpack-zip';

export interface UnpackOptions {
  limits: UnpackLimits;
  signal?: AbortSignal;
}

/**
 * Unpacks an untrusted archive: tar (plain, gz, bz2, xz, zst, lzma) or zip, told by content. Paths and
 * links that leave the tree, devices, and what goes over the limits are refused; then nothing is left.
 *
 * @param destination must not exist; appears at once and whole
 * @throws FatbuildrError `ARCHIVE.REFUSED`, `ARCHIVE.TOO_LARGE`, `ARCHIVE.TOO_MANY`, `ARCHIVE.BROKEN`,
 *   `ARCHIVE.UNKNOWN_TYPE`, `ARTIFACT.ABORTED`, `ARTIFACT.EXISTS`
 */
export async function unpack(
  archive: string,
  destination: string,
  { limits, signal }: UnpackOptions,
): Promise<void> {
  await appearing(destination, async (place) => {
    const writer = new TreeWriter(place, archive, limits, signal);
    writer.checkAborted();
    const format = await archiveFormat(archive);
    if (format === 'zip') await unpackZip(archive, writer, limits);
    else await unpackTar(archive, format, writer, limits);
  });
}

/** Lets a folder appear whole: it is filled under a temporary name beside its place. */
export async function appearing(
  destination: string,
  fill: (place: string) => Promise<void>,
): Promise<void> {
  if (
    await access(destination).then(
      () => true,
      () => false,
    )
  ) {
    throw new FatbuildrError('ARTIFACT.EXISTS', `folder ${destination} exists already`, {
      folder: destination,
    });
  }
  const parent = dirname(destination);
  await mkdir(parent, { recursive: true });
  const temporary = await mkdtemp(join(parent, `.${basename(destination)}.`));
  try {
    // The temporary folder is private (0700), what appears is not.
    const place = join(temporary, 'tree');
    await mkdir(place);
    await chmod(place, 0o755);
    await fill(place);
    await rename(place, destination);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
