import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { FatbuildrError, messageOf } from '@fatbuildr/errors';
import type { Entry, ZipFile } from 'yauzl';
import { archiveFault } from './artifacts.errors';
import type { TreeWriter, UnpackLimits } from './tree-writer';

const TYPE_MASK = 0o170000;
const DIRECTORY = 0o040000;
const FILE = 0o100000;
const SYMLINK = 0o120000;
/** Longest path the kernel takes. */
const MAX_TARGET = 4096;

/** @throws FatbuildrError `ARCHIVE.*` */
export async function unpackZip(
  archive: string,
  writer: TreeWriter,
  limits: UnpackLimits,
): Promise<void> {
  const { open, getFileNameLowLevel } = await import('yauzl');
  let zip: ZipFile | undefined;
  try {
    zip = await promisify<string, object, ZipFile>(open)(archive, {
      lazyEntries: true,
      autoClose: false,
      // Names are decoded and checked here, with the words used for every archive.
      decodeStrings: false,
      validateEntrySizes: true,
    });
    if (zip.entryCount > limits.maxEntries) {
      throw archiveFault(
        'TOO_MANY',
        archive,
        undefined,
        `holds ${zip.entryCount} members, at most ${limits.maxEntries} are taken`,
      );
    }
    for await (const entry of entriesOf(zip)) {
      writer.checkAborted();
      const name = getFileNameLowLevel(
        entry.generalPurposeBitFlag,
        entry.fileNameRaw,
        entry.extraFields,
        false,
      );
      await writeMember(zip, entry, name, writer);
    }
    await writer.finish();
  } catch (fault) {
    writer.checkAborted();
    if (fault instanceof FatbuildrError) throw fault;
    throw archiveFault('BROKEN', archive, undefined, `is broken: ${messageOf(fault)}`, fault);
  } finally {
    zip?.close();
  }
}

async function* entriesOf(zip: ZipFile): AsyncGenerator<Entry> {
  for (;;) {
    const next = new Promise<Entry | undefined>((resolve, reject) => {
      zip.removeAllListeners();
      zip.once('entry', resolve);
      zip.once('end', () => resolve(undefined));
      // Stays: an error that comes later must not end the process.
      zip.on('error', reject);
    });
    zip.readEntry();
    const entry = await next;
    if (entry === undefined) return;
    yield entry;
  }
}

async function writeMember(
  zip: ZipFile,
  entry: Entry,
  name: string,
  writer: TreeWriter,
): Promise<void> {
  if (entry.isEncrypted()) writer.refuse(name, 'encrypted members are refused');
  if (!entry.canDecodeFileData()) {
    writer.refuse(name, `compression method ${entry.compressionMethod} is not known`);
  }
  // The upper half of the attributes is a Unix mode where the archive was made on Unix.
  const mode = entry.externalFileAttributes >>> 16;
  const type = mode & TYPE_MASK;
  if (name.endsWith('/') || type === DIRECTORY) return await writer.directory(name);
  const content = await promisify<Entry, Readable>(zip.openReadStream.bind(zip))(entry);
  // It is filled before anybody reads it: a fault then waits for who does, and must not end the process.
  content.on('error', (fault) => content.destroy(fault));
  try {
    if (type === SYMLINK) {
      await writer.symlink(name, await linkTarget(entry, name, content, writer));
    } else if (type === FILE || type === 0) {
      const mtime = entry.getLastModDate({ timezone: 'UTC' });
      await writer.file(name, { mode, mtime, size: entry.uncompressedSize }, content);
    } else {
      writer.refuse(name, 'devices, sockets and pipes are refused');
    }
  } finally {
    content.destroy();
  }
}

async function linkTarget(
  entry: Entry,
  name: string,
  content: AsyncIterable<Buffer>,
  writer: TreeWriter,
): Promise<string> {
  if (entry.uncompressedSize > MAX_TARGET)
    writer.refuse(name, 'the target of the symlink is too long');
  const chunks: Buffer[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
