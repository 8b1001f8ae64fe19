import { open } from 'node:fs/promises';
import { archiveFault } from './artifacts.errors';

/** `tar` and its compressed kinds, and zip. */
export type ArchiveFormat = 'tar' | 'gz' | 'bz2' | 'xz' | 'lzma' | 'zst' | 'zip';

const MAGIC: readonly (readonly [ArchiveFormat, readonly number[]])[] = [
  ['gz', [0x1f, 0x8b]],
  ['bz2', [0x42, 0x5a, 0x68]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['zst', [0x28, 0xb5, 0x2f, 0xfd]],
  ['zip', [0x50, 0x4b, 0x03, 0x04]],
  // A zip without members is nothing but its end record.
  ['zip', [0x50, 0x4b, 0x05, 0x06]],
  // LZMA has no magic number: properties of the usual encoder, dictionaries of whole 64 KiB.
  ['lzma', [0x5d, 0x00, 0x00]],
];

const TAR_BLOCK = 512;

/**
 * Tells the format of an archive from its content; names lie.
 *
 * @throws FatbuildrError `ARCHIVE.UNKNOWN_TYPE`
 */
export async function archiveFormat(archive: string): Promise<ArchiveFormat> {
  const file = await open(archive, 'r');
  let head: Buffer;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(TAR_BLOCK), 0, TAR_BLOCK, 0);
    head = buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
  for (const [format, magic] of MAGIC) {
    if (magic.every((byte, i) => head[i] === byte)) return format;
  }
  if (isTarHeader(head)) return 'tar';
  throw archiveFault(
    'UNKNOWN_TYPE',
    archive,
    undefined,
    'expected tar (plain, gz, bz2, xz, zst, lzma) or zip, this is neither',
  );
}

/** By its checksum: the oldest tars have no magic number. An empty archive is blocks of zeros. */
function isTarHeader(block: Buffer): boolean {
  if (block.length < TAR_BLOCK) return false;
  if (block.every((byte) => byte === 0)) return true;
  const declared = Number.parseInt(block.toString('latin1', 148, 156).replace(/\0.*$/, ''), 8);
  const sum = block.reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 0x20 : byte), 0);
  return declared === sum;
}
