import { createReadStream } from 'node:fs';
import { PassThrough, Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { FatbuildrError, messageOf } from '@fatbuildr/errors';
import { run } from '@fatbuildr/processes';
import type { Header } from 'tar-stream';
import type { ArchiveFormat } from './archive-format';
import { archiveFault } from './artifacts.errors';
import type { TreeWriter, UnpackLimits } from './tree-writer';

/** Decompressors may take that much memory; the highest preset of xz needs 65 MiB. */
const MEMORY = '512MiB';

const DECOMPRESSORS: Readonly<
  Record<Exclude<ArchiveFormat, 'tar' | 'gz' | 'zip'>, [string, ...string[]]>
> = {
  bz2: ['bzip2', '-dc'],
  xz: ['xz', '-dc', '--format=xz', `--memlimit-decompress=${MEMORY}`],
  lzma: ['xz', '-dc', '--format=lzma', `--memlimit-decompress=${MEMORY}`],
  zst: ['zstd', '-dcq', `--memory=${MEMORY}`],
};

/** @throws FatbuildrError `ARCHIVE.*` */
export async function unpackTar(
  archive: string,
  format: Exclude<ArchiveFormat, 'zip'>,
  writer: TreeWriter,
  limits: UnpackLimits,
): Promise<void> {
  const stop = new AbortController();
  const { stream, ended } = decompress(archive, format, stop.signal);
  try {
    await readMembers(archive, stream, writer, limits);
    await ended;
  } catch (fault) {
    writer.checkAborted();
    if (fault instanceof FatbuildrError && fault.code.startsWith('ARCHIVE.')) throw fault;
    // A decompressor that failed knows better what is wrong than the reader of its torn output.
    const cause = stream.readableEnded
      ? await ended.then(
          () => fault,
          (reason: unknown) => reason,
        )
      : fault;
    if (cause instanceof FatbuildrError && cause.code === 'PROCESS.MISSING') throw cause;
    throw archiveFault('BROKEN', archive, undefined, `is broken: ${messageOf(cause)}`, cause);
  } finally {
    stop.abort();
    stream.destroy();
    await ended.catch(() => undefined);
  }
}

function decompress(
  archive: string,
  format: Exclude<ArchiveFormat, 'zip'>,
  signal: AbortSignal,
): { stream: Readable; ended: Promise<unknown> } {
  const file = createReadStream(archive);
  const stream = new PassThrough();
  const work =
    format === 'tar'
      ? pipeline(file, stream, { signal })
      : format === 'gz'
        ? pipeline(file, createGunzip(), stream, { signal })
        : run(DECOMPRESSORS[format], { stdin: file, stdout: stream, signal });
  const ended = Promise.resolve<unknown>(work).catch((fault: unknown) => {
    file.destroy();
    stream.destroy(fault instanceof Error ? fault : undefined);
    throw fault;
  });
  // Awaited later; until then a failure is not unhandled.
  ended.catch(() => undefined);
  return { stream, ended };
}

async function readMembers(
  archive: string,
  stream: Readable,
  writer: TreeWriter,
  limits: UnpackLimits,
): Promise<void> {
  const { extract: createExtract } = await import('tar-stream');
  // Archives of before POSIX.1-1988 (tar --format=v7) carry no magic number; their headers are checked by their sums.
  // The type declarations of tar-stream leave the option out.
  const extract = createExtract({ allowUnknownFormat: true } as object);
  // Headers and padding are not unpacked but cost time: they get as much again, and 4 KiB a member.
  const cap = 2 * limits.maxUnpacked + 4096 * limits.maxEntries + 1024 * 1024;
  let read = 0;
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      read += chunk.length;
      const fault =
        read > cap
          ? archiveFault('TOO_LARGE', archive, undefined, `holds more than ${cap} bytes`)
          : writer.abortFault();
      done(fault ?? null, chunk);
    },
  });
  // Not awaited at once, so its failure is kept as a value.
  const feeding = pipeline(stream, meter, extract).then(
    () => undefined,
    (fault: Error) => fault,
  );
  try {
    for await (const entry of extract) {
      writer.checkAborted();
      await writeMember(entry.header, entry as AsyncIterable<Uint8Array>, writer);
      entry.resume();
    }
    await writer.finish();
  } catch (fault) {
    extract.destroy();
    const feedFault = await feeding;
    throw fault instanceof FatbuildrError ? fault : (feedFault ?? fault);
  }
  const feedFault = await feeding;
  if (feedFault !== undefined) throw feedFault;
}

async function writeMember(
  header: Header,
  content: AsyncIterable<Uint8Array>,
  writer: TreeWriter,
): Promise<void> {
  const { name, linkname } = header;
  switch (header.type) {
    case 'file':
    case 'contiguous-file':
      return await writer.file(
        name,
        { mode: header.mode, mtime: header.mtime, size: header.size },
        content,
      );
    case 'directory':
      return await writer.directory(name);
    case 'symlink':
      return await writer.symlink(name, linkname);
    case 'link':
      return await writer.hardlink(name, linkname);
    default:
      // Null where tar-stream knows no name for the type.
      writer.refuse(name, `members of type ${header.type ?? 'unknown'} are refused`);
  }
}
