import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { run } from '@fatbuildr/processes';
import { folderFault } from './artifacts.errors';
import { linkLeaves, walk, type TreeEntry } from './safe-folder';

export interface TreePatchOptions {
  /** Paths that are left as they are, with all below them. */
  select?: (path: string) => boolean;
  /** Bytes of the patch. */
  maxSize: number;
  /** Files and folders of one tree. */
  maxEntries: number;
  /** Told of what a patch cannot say. */
  log?: (message: string) => void;
}

const NO_NEWLINE = Buffer.from('\\ No newline at end of file\n');
const NEWLINE = Buffer.from('\n');
const [ADDED, REMOVED] = [Buffer.from('+'), Buffer.from('-')];

/**
 * Patches that make one tree of another, for GNU patch with `--strip=1`: files with any bytes in them, their
 * executable bits, symlinks. Its headers are those of Git, which GNU patch understands; binary files are hunks of
 * lines like others, as it does not understand Git's own form. Empty folders are not part of them.
 *
 * @param before absent paths and `undefined` are an empty tree
 * @returns up to two, to be applied in this order: the first removes what something else may take the place of
 * @throws FatbuildrError `ARTIFACT.REFUSED_FILE` for devices, symlinks that leave the tree, names that a patch
 *   cannot hold, and what goes over the limits
 */
export async function treePatches(
  before: string | undefined,
  after: string | undefined,
  options: TreePatchOptions,
): Promise<Buffer[]> {
  const [old, wanted] = [await entriesOf(before, options), await entriesOf(after, options)];
  const removing = new PatchText(before ?? '', options.maxSize);
  const patch = new PatchText(after ?? '', options.maxSize);
  const removals: TreeEntry[] = [];
  const additions: TreeEntry[] = [];
  for (const path of [...new Set([...old.keys(), ...wanted.keys()])].sort()) {
    const [from, to] = [old.get(path), wanted.get(path)];
    if (from?.kind === 'file' && to?.kind === 'file') {
      const same = await sameContent(join(before!, path), join(after!, path), from, to);
      if (!same || from.executable !== to.executable) {
        const hunks = same ? undefined : await hunksOf(join(before!, path), join(after!, path));
        patch.change(path, modeOf(from), modeOf(to), hunks);
      }
    } else if (from?.kind !== to?.kind || from?.target !== to?.target) {
      if (from !== undefined) removals.push(from);
      if (to !== undefined) additions.push(to);
    }
  }
  for (const entry of removals) {
    const content = await contentOf(before!, entry);
    if (content.length > 0) removing.remove(entry, content);
    else options.log?.(`the empty file ${entry.path} stays: a patch cannot remove it`);
  }
  for (const entry of additions) {
    if (entry.target !== undefined && (await linkLeaves(after!, entry.path, entry.target))) {
      const reason = `the symlink to "${entry.target}" leaves the source tree`;
      throw folderFault(after!, entry.path, reason);
    }
    patch.checkSize(entry);
    patch.add(entry, await contentOf(after!, entry));
  }
  return [removing.content, patch.content].filter((content) => content !== undefined);
}

/** Files and symlinks by their paths. */
async function entriesOf(
  folder: string | undefined,
  { select = () => true, maxEntries }: TreePatchOptions,
): Promise<ReadonlyMap<string, TreeEntry>> {
  const entries = new Map<string, TreeEntry>();
  if (folder === undefined) return entries;
  let count = 0;
  for await (const entry of walk(folder, select)) {
    if (++count > maxEntries) {
      throw folderFault(folder, entry.path, `more than ${maxEntries} files are not taken`);
    }
    if (entry.kind !== 'directory') entries.set(entry.path, entry);
  }
  return entries;
}

async function sameContent(
  one: string,
  other: string,
  { size }: TreeEntry,
  { size: otherSize }: TreeEntry,
): Promise<boolean> {
  if (size !== otherSize) return false;
  return (await digest(one)) === (await digest(other));
}

async function digest(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** What differs between two files, without the header; @see diff(1), which exits with 1 then */
async function hunksOf(from: string, to: string): Promise<Buffer> {
  const argv = ['diff', '--text', '--unified', '--', from, to] as const;
  const { stdout } = await run(argv, { accept: [1] });
  return stdout.subarray(stdout.indexOf('\n@@ ') + 1);
}

const contentOf = async (folder: string, { path, target }: TreeEntry): Promise<Buffer> =>
  target === undefined ? readFile(join(folder, path)) : Buffer.from(target);

const modeOf = ({ kind, executable }: TreeEntry): string =>
  kind === 'symlink' ? '120000' : executable ? '100755' : '100644';

/** A patch as it grows. */
class PatchText {
  private readonly parts: Buffer[] = [];
  private size = 0;

  constructor(
    private readonly folder: string,
    private readonly maxSize: number,
  ) {}

  get content(): Buffer | undefined {
    return this.parts.length === 0 ? undefined : Buffer.concat(this.parts);
  }

  change(path: string, from: string, to: string, hunks: Buffer | undefined): void {
    const modes = from === to ? '' : `old mode ${from}\nnew mode ${to}\n`;
    this.begin(path, modes, hunks && [named('a', path), named('b', path)]);
    if (hunks) this.append(path, hunks);
  }

  add(entry: TreeEntry, content: Buffer): void {
    const { path } = entry;
    const names = content.length > 0 ? (['/dev/null', named('b', path)] as const) : undefined;
    this.begin(path, `new file mode ${modeOf(entry)}\n`, names);
    this.whole(path, content, ADDED);
  }

  remove(entry: TreeEntry, content: Buffer): void {
    const { path } = entry;
    this.begin(path, `deleted file mode ${modeOf(entry)}\n`, [named('a', path), '/dev/null']);
    this.whole(path, content, REMOVED);
  }

  checkSize({ path, size }: TreeEntry): void {
    if (this.size + size <= this.maxSize) return;
    throw folderFault(this.folder, path, `with it the patch holds more than ${this.maxSize} bytes`);
  }

  private begin(path: string, modes: string, names?: readonly [string, string]): void {
    if (/[\p{Cc}"\\]/u.test(path)) {
      throw folderFault(this.folder, path, 'its name cannot stand in a patch');
    }
    const both = [`a/${path}`, `b/${path}`].map((name) => (/\s/.test(name) ? `"${name}"` : name));
    const lines = names === undefined ? '' : `--- ${names[0]}\n+++ ${names[1]}\n`;
    this.append(path, Buffer.from(`diff --git ${both.join(' ')}\n${modes}${lines}`));
  }

  /** All lines of a file that is new or gone. */
  private whole(path: string, content: Buffer, mark: Buffer): void {
    if (content.length === 0) return;
    const lines: Buffer[] = [];
    for (let at = 0; at < content.length;) {
      const end = content.indexOf('\n', at) + 1 || content.length;
      lines.push(mark, content.subarray(at, end));
      at = end;
    }
    if (content.at(-1) !== 0x0a) lines.push(NEWLINE, NO_NEWLINE);
    const count = Math.ceil(lines.length / 2) - (content.at(-1) === 0x0a ? 0 : 1);
    const range = mark === ADDED ? `@@ -0,0 +1,${count} @@\n` : `@@ -1,${count} +0,0 @@\n`;
    this.append(path, Buffer.from(range), ...lines);
  }

  private append(path: string, ...parts: readonly Buffer[]): void {
    for (const part of parts) {
      this.parts.push(part);
      this.size += part.length;
    }
    if (this.size > this.maxSize) {
      throw folderFault(
        this.folder,
        path,
        `with it the patch holds more than ${this.maxSize} bytes`,
      );
    }
  }
}

/** Names with blanks end with a tab (GNU diffutils, "Unified Format"). */
const named = (side: 'a' | 'b', path: string): string =>
  `${side}/${path}${/\s/.test(path) ? '\t' : ''}`;
