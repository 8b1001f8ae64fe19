import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';

/** New bytes, or bytes `[from, to)` of the file that is being replaced. */
export type Piece = Buffer | { from: number; to: number };

export interface SpliceSource {
  path: string;
  /** Bytes. */
  size: number;
  sha256: string;
}

export interface SplicedDigests {
  size: number;
  sha256: string;
  sha512: string;
}

/** Bytes read and hashed at a time: about a millisecond in which nothing else runs. */
const STEP = 1024 * 1024;

/** The file to take pieces of is not what was signed once; nothing of it may be signed again. */
export class DamagedSource extends Error {}

/**
 * Writes a file, on disk when this resolves, of new pieces and pieces of an old one.
 *
 * @param pieces those of the old file in its order
 * @throws DamagedSource when the old file is gone or differs from its digest
 */
export async function spliceFile(
  target: string,
  pieces: readonly Piece[],
  source?: SpliceSource,
): Promise<SplicedDigests> {
  const output = await open(target, 'w', 0o644);
  try {
    const written = new DigestedOutput(output);
    const old = source && (await VerifiedInput.open(source));
    try {
      for (const piece of pieces) {
        if (Buffer.isBuffer(piece)) {
          await written.write(piece);
        } else if (old !== undefined) {
          await old.read(piece.from);
          await old.read(piece.to, (bytes) => written.write(bytes));
        }
      }
      await old?.verify();
    } finally {
      await old?.close();
    }
    await output.sync();
    return written.digests();
  } finally {
    await output.close();
  }
}

class DigestedOutput {
  private readonly sha256 = createHash('sha256');
  private readonly sha512 = createHash('sha512');
  private size = 0;

  constructor(private readonly file: FileHandle) {}

  async write(bytes: Buffer): Promise<void> {
    const writing = this.file.writeFile(bytes);
    this.sha256.update(bytes);
    this.sha512.update(bytes);
    this.size += bytes.length;
    await writing;
  }

  digests(): SplicedDigests {
    return {
      size: this.size,
      sha256: this.sha256.digest('hex'),
      sha512: this.sha512.digest('hex'),
    };
  }
}

/** Reads a file from its start to its end, whatever is wanted of it, so that all of it is verified. */
class VerifiedInput {
  private readonly sha256 = createHash('sha256');
  private readonly buffer: Buffer;
  private at = 0;

  private constructor(
    private readonly file: FileHandle,
    private readonly source: SpliceSource,
  ) {
    this.buffer = Buffer.allocUnsafe(Math.min(STEP, source.size));
  }

  static async open(source: SpliceSource): Promise<VerifiedInput> {
    try {
      return new VerifiedInput(await open(source.path, 'r'), source);
    } catch (cause) {
      throw new DamagedSource(`${source.path} cannot be read`, { cause });
    }
  }

  async read(to: number, take?: (bytes: Buffer) => Promise<void>): Promise<void> {
    while (this.at < to) {
      const length = Math.min(this.buffer.length, to - this.at);
      const { bytesRead } = await this.file.read(this.buffer, 0, length, this.at);
      if (bytesRead === 0) throw new DamagedSource(`${this.source.path} is too short`);
      const bytes = this.buffer.subarray(0, bytesRead);
      this.sha256.update(bytes);
      await take?.(bytes);
      this.at += bytesRead;
    }
  }

  async verify(): Promise<void> {
    await this.read(this.source.size);
    if (this.sha256.digest('hex') !== this.source.sha256) {
      throw new DamagedSource(`${this.source.path} differs from its digest`);
    }
  }

  close(): Promise<void> {
    return this.file.close();
  }
}
