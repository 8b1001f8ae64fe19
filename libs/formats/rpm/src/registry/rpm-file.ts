import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import type { FileDigests } from '@fatbuildr/registries';
import { binaryEntry, buildHeader, headerLength, INTRODUCTION, RpmHeader } from './rpm-header';
import { SIGNATURE_TAG, TAG } from './rpm-tags';

const LEAD = 96;
const LEAD_MAGIC = Buffer.from([0xed, 0xab, 0xee, 0xdb]);
/** The signature header is filled up to a multiple of this. */
const ALIGNMENT = 8;
/** Bytes of the payload read and hashed at a time. */
const STEP = 1024 * 1024;
/** Hash algorithms of OpenPGP (RFC 9580 9.5) by which payloads are digested. */
const PAYLOAD_HASHES: ReadonlyMap<number, string> = new Map([
  [8, 'sha256'],
  [9, 'sha384'],
  [10, 'sha512'],
]);
/** Signatures that ours takes the place of, and the room that was left for one. */
const REPLACED: ReadonlySet<number> = new Set([
  SIGNATURE_TAG.dsa,
  SIGNATURE_TAG.rsa,
  SIGNATURE_TAG.openpgp,
  SIGNATURE_TAG.legacyPgp,
  SIGNATURE_TAG.legacyGpg,
  SIGNATURE_TAG.reservedSpace,
]);
/** The public-key algorithm RSA in a signature packet. */
const RSA = 1;

/** A package, open: a lead, a signature header, the main header, and a payload which is never unpacked. */
export class RpmFile {
  private constructor(
    private readonly file: FileHandle,
    /** Bytes. */
    readonly size: number,
    /** Milliseconds since the epoch. */
    readonly modified: number,
    /** All before the payload. */
    private readonly head: Buffer,
    readonly signatures: RpmHeader,
    readonly header: RpmHeader,
  ) {}

  /** @throws Error when it is damaged, as far as that shows without its payload */
  static async open(path: string): Promise<RpmFile> {
    // What a build left behind must be a file itself: a link could publish any file of this host.
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const found = await file.stat();
      if (!found.isFile()) throw new Error('it is not a regular file');
      const lead = await readAt(file, 0, LEAD);
      if (!lead.subarray(0, 4).equals(LEAD_MAGIC)) throw new Error('it does not begin as an RPM');
      const signatures = await readHeader(file, LEAD);
      const padding = -signatures.length & (ALIGNMENT - 1);
      const start = LEAD + signatures.length + padding;
      const header = await readHeader(file, start);
      const head = Buffer.concat([
        lead,
        signatures,
        await readAt(file, LEAD + signatures.length, padding),
        header,
      ]);
      const rpm = new RpmFile(
        file,
        found.size,
        found.mtimeMs,
        head,
        new RpmHeader(signatures),
        new RpmHeader(header),
      );
      rpm.checkHead();
      return rpm;
    } catch (fault) {
      await file.close();
      throw fault;
    }
  }

  close(): Promise<void> {
    return this.file.close();
  }

  /** An OpenPGP signature packet over the main header. */
  get signature(): Buffer | undefined {
    return this.signatures.binary(SIGNATURE_TAG.rsa) ?? this.signatures.binary(SIGNATURE_TAG.dsa);
  }

  /** Where the main header is in the file, in bytes. */
  get headerRange(): { start: number; end: number } {
    return { start: this.head.length - this.header.bytes.length, end: this.head.length };
  }

  /** Bytes of the unpacked payload. */
  get archiveSize(): number {
    return (
      this.signatures.number(SIGNATURE_TAG.longArchiveSize) ??
      this.signatures.number(SIGNATURE_TAG.archiveSize) ??
      this.header.number(TAG.archiveSize) ??
      0
    );
  }

  /** @throws Error when the payload is damaged */
  digest(): Promise<FileDigests> {
    return this.copy(this.head);
  }

  /**
   * Writes the package with this signature in the place of those it has; publication puts it on disk.
   *
   * @param signature packet over the main header
   * @param target receives the package
   * @throws Error when the payload is damaged
   */
  async writeSigned(signature: Buffer, target: string): Promise<void> {
    const kept = this.signatures.all(SIGNATURE_TAG.region).filter(({ tag }) => !REPLACED.has(tag));
    const tag = publicKeyAlgorithm(signature) === RSA ? SIGNATURE_TAG.rsa : SIGNATURE_TAG.dsa;
    const signatures = buildHeader(SIGNATURE_TAG.region, [...kept, binaryEntry(tag, signature)]);
    const padding = Buffer.alloc(-signatures.length & (ALIGNMENT - 1));
    const head = Buffer.concat([
      this.head.subarray(0, LEAD),
      signatures,
      padding,
      this.header.bytes,
    ]);
    const output = await open(target, 'w', 0o644);
    try {
      await this.copy(head, output);
    } finally {
      await output.close();
    }
  }

  private async copy(head: Buffer, output?: FileHandle): Promise<FileDigests> {
    const sha256 = createHash('sha256').update(head);
    const sha512 = createHash('sha512').update(head);
    const [expected] = this.header.texts(TAG.payloadDigest, 1);
    const algorithm = PAYLOAD_HASHES.get(this.header.number(TAG.payloadDigestAlgorithm) ?? 0);
    const payload = expected !== undefined && algorithm ? createHash(algorithm) : undefined;
    let size = head.length;
    await output?.writeFile(head);
    const stream = this.file.createReadStream({
      start: this.head.length,
      autoClose: false,
      highWaterMark: STEP,
    });
    for await (const bytes of stream as AsyncIterable<Buffer>) {
      const writing = output?.writeFile(bytes);
      sha256.update(bytes);
      sha512.update(bytes);
      payload?.update(bytes);
      size += bytes.length;
      await writing;
    }
    if (payload !== undefined && payload.digest('hex') !== expected) {
      throw new Error('its payload differs from the digest in its header');
    }
    return { size, sha256: sha256.digest('hex'), sha512: sha512.digest('hex') };
  }

  private checkHead(): void {
    const size =
      this.signatures.number(SIGNATURE_TAG.longSize) ?? this.signatures.number(SIGNATURE_TAG.size);
    const found = this.size - this.headerRange.start;
    if (size !== undefined && size !== found) {
      throw new Error(`header and payload have ${found} bytes, and should have ${size}`);
    }
    const digest = this.signatures.text(SIGNATURE_TAG.sha256);
    const computed = createHash('sha256').update(this.header.bytes).digest('hex');
    if (digest !== undefined && digest !== computed) {
      throw new Error('its header differs from its digest');
    }
  }
}

async function readHeader(file: FileHandle, at: number): Promise<Buffer> {
  return readAt(file, at, headerLength(await readAt(file, at, INTRODUCTION)));
}

async function readAt(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(buffer, done, length - done, at + done);
    if (bytesRead === 0) throw new Error('it ends too early');
    done += bytesRead;
  }
  return buffer;
}

/** Of a version 4 signature packet of either framing (RFC 9580 4.2 and 5.2.3). */
function publicKeyAlgorithm(packet: Buffer): number {
  const first = packet[0] ?? 0;
  const length = packet[1] ?? 0;
  const isNew = (first & 0x40) !== 0;
  const header = isNew ? (length < 192 ? 2 : length < 224 ? 3 : 6) : 1 + (1 << (first & 3));
  return packet[header + 2] ?? 0;
}
