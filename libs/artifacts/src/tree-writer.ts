import { mkdir, open, rm, symlink, copyFile, chmod, utimes, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { diskReason, FatbuildrError, messageOf } from '@fatbuildr/errors';
import { aborted, archiveFault } from './artifacts.errors';
import { linkLeaves } from './safe-folder';

export interface UnpackLimits {
  /** Files, folders and links, folders that are only implied by a path included. */
  maxEntries: number;
  /** Bytes of all files together. */
  maxUnpacked: number;
}

/**
 * Writes members of an untrusted archive into an empty folder of ours. Symlinks are made at the very
 * end, so nothing is ever written through one.
 */
export class TreeWriter {
  /** Path → what stands there. */
  private readonly made = new Map<string, 'directory' | 'file' | 'symlink'>();
  private readonly symlinks = new Map<string, string>();
  private bytes = 0;
  private entries = 0;

  constructor(
    private readonly root: string,
    private readonly archive: string,
    private readonly limits: UnpackLimits,
    private readonly signal: AbortSignal | undefined,
  ) {}

  async directory(member: string): Promise<void> {
    const parts = this.partsOf(member);
    if (this.made.get(parts.join('/')) === 'directory') this.count(member);
    await this.guard(member, () => this.makeDirectories(member, parts));
  }

  /** @param size as declared; what really comes is counted too */
  async file(
    member: string,
    meta: { mode: number; mtime: Date | undefined; size: number },
    content: AsyncIterable<Uint8Array>,
  ): Promise<void> {
    this.checkSize(member, meta.size);
    const path = await this.place(member, 'file');
    await this.guard(member, async () => {
      const file = await open(path, 'wx', 0o600);
      try {
        for await (const chunk of content) {
          this.checkAborted();
          this.checkSize(member, chunk.byteLength);
          this.bytes += chunk.byteLength;
          // `write` may take a part only, `writeFile` goes on at the current position until the end.
          await file.writeFile(chunk);
        }
        // Only whether it can be run is kept: set-user-id bits and foreign umasks are not.
        await file.chmod((meta.mode & 0o111) === 0 ? 0o644 : 0o755);
        // make(1) compares times, so those of upstream matter.
        const time = meta.mtime?.getTime();
        if (time !== undefined && Number.isFinite(time))
          await file.utimes(time / 1000, time / 1000);
      } finally {
        await file.close();
      }
    });
  }

  async symlink(member: string, target: string): Promise<void> {
    if (target === '' || target.includes('\0')) {
      throw this.refused(member, 'a symlink without a usable target');
    }
    if (target.startsWith('/')) throw this.leaving(member, target);
    await this.place(member, 'symlink');
    this.symlinks.set(this.partsOf(member).join('/'), target);
  }

  /** Copied instead of linked, so that a change to one does not show in the other. */
  async hardlink(member: string, target: string): Promise<void> {
    const parts = this.partsOf(target, member);
    const source = parts.join('/');
    const kind = this.made.get(source);
    if (kind === 'symlink') return this.symlink(member, this.symlinks.get(source)!);
    if (kind !== 'file') {
      throw this.refused(member, `hard link to "${target}", which is no file unpacked before it`);
    }
    if (this.partsOf(member).join('/') === source) return;
    const from = join(this.root, ...parts);
    const stats = await stat(from);
    this.checkSize(member, stats.size);
    const path = await this.place(member, 'file');
    this.bytes += stats.size;
    await this.guard(member, async () => {
      await copyFile(from, path);
      await chmod(path, stats.mode & 0o777);
      await utimes(path, stats.atime, stats.mtime);
    });
  }

  refuse(member: string, reason: string): never {
    throw this.refused(member, reason);
  }

  /** Makes the symlinks; refuses when one of them leads out of the tree. */
  async finish(): Promise<void> {
    for (const [path, target] of this.symlinks) {
      await this.guard(path, () => symlink(target, join(this.root, path)));
    }
    for (const [path, target] of this.symlinks) {
      if (await linkLeaves(this.root, path, target)) throw this.leaving(path, target);
    }
  }

  checkAborted(): void {
    const fault = this.abortFault();
    if (fault !== undefined) throw fault;
  }

  abortFault(): FatbuildrError | undefined {
    return this.signal?.aborted ? aborted(`unpacking ${basename(this.archive)}`) : undefined;
  }

  /** Components of a member's path, refused when it leaves the tree. */
  private partsOf(path: string, member = path): string[] {
    const what = path === member ? 'its path' : `its hard link to "${path}"`;
    if (path.includes('\0')) throw this.refused(member, `${what} holds a zero byte`);
    if (path.startsWith('/')) throw this.refused(member, `${what} is absolute`);
    const parts = path.split('/').filter((part) => part !== '' && part !== '.');
    if (parts.includes('..')) throw this.refused(member, `${what} leaves the tree by ".."`);
    return parts;
  }

  private async place(member: string, kind: 'file' | 'symlink'): Promise<string> {
    const parts = this.partsOf(member);
    if (parts.length === 0) throw this.refused(member, 'its path is empty');
    await this.guard(member, () => this.makeDirectories(member, parts.slice(0, -1)));
    const path = parts.join('/');
    const before = this.made.get(path);
    const place = join(this.root, path);
    // As with tar, a later member of the same name replaces the earlier one.
    if (before === 'directory') throw this.refused(member, 'a folder of that name exists');
    if (before === 'file') await rm(place);
    if (before === 'symlink') this.symlinks.delete(path);
    this.count(member);
    this.made.set(path, kind);
    return place;
  }

  private async makeDirectories(member: string, parts: readonly string[]): Promise<void> {
    for (let depth = 1; depth <= parts.length; depth++) {
      const path = parts.slice(0, depth).join('/');
      const kind = this.made.get(path);
      if (kind === 'directory') continue;
      if (kind !== undefined)
        throw this.refused(member, `its path leads through the ${kind} "${path}"`);
      this.count(member);
      await mkdir(join(this.root, path));
      await chmod(join(this.root, path), 0o755);
      this.made.set(path, 'directory');
    }
  }

  private count(member: string): void {
    this.checkAborted();
    if (++this.entries > this.limits.maxEntries) {
      throw archiveFault(
        'TOO_MANY',
        this.archive,
        member,
        `more than ${this.limits.maxEntries} files, folders and links`,
      );
    }
  }

  private checkSize(member: string, more: number): void {
    if (this.bytes + more > this.limits.maxUnpacked) {
      throw archiveFault(
        'TOO_LARGE',
        this.archive,
        member,
        `unpacks to more than ${this.limits.maxUnpacked} bytes`,
      );
    }
  }

  private refused(member: string, reason: string): FatbuildrError {
    return archiveFault('REFUSED', this.archive, member, reason);
  }

  private leaving(member: string, target: string): FatbuildrError {
    return this.refused(member, `the symlink to "${target}" leaves the tree`);
  }

  /** Faults of the file system (a name too long, a full disk) name the member too. */
  private async guard(member: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (fault) {
      if (
        fault instanceof FatbuildrError ||
        (fault as NodeJS.ErrnoException).syscall === undefined
      ) {
        throw fault;
      }
      throw archiveFault(
        'BROKEN',
        this.archive,
        member,
        `cannot be written: ${diskReason(fault) ?? messageOf(fault)}`,
        fault,
      );
    }
  }
}
