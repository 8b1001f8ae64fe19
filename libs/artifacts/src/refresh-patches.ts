import { splitPatch } from './patch-header';
import type { Patch } from './patches';
import { readInside } from './safe-folder';
import { readUnifiedDiff, writeHunk, type FileDiff, type Hunk } from './unified-diff';

/** Lines of context that may differ at either end, as `patch` allows unless told otherwise. */
const MAX_FUZZ = 2;
const MAX_FILE_BYTES = 64 * 1024 * 1024;

/** Files as patches left them, by path; `undefined`: there is none. */
type Files = Map<string, string[] | undefined>;

/**
 * Rewrites hunks that apply only with fuzz, which neither dpkg-source nor rpmbuild allows: what differs of the
 * context is left out, and the lines are counted anew. That is done where one place of the file matches alone;
 * whether patches apply in the end is for the tools to say. What only lies at other lines stays as it is.
 *
 * @param tree the untrusted tree that the patches are for; it is only read
 * @param log told of each hunk that is rewritten
 */
export async function refreshPatches<Given extends Patch>(
  tree: string,
  patches: readonly Given[],
  log: (message: string) => void,
): Promise<Given[]> {
  const files: Files = new Map();
  const refreshed: Given[] = [];
  for (const patch of patches) {
    const content = await refreshPatch(tree, files, patch, log).catch(() => undefined);
    // What follows is for files that we do not know any more.
    if (content === undefined) return [...refreshed, ...patches.slice(refreshed.length)];
    refreshed.push({ ...patch, content });
  }
  return refreshed;
}

/** @returns `undefined` for a patch that is not understood or does not apply */
async function refreshPatch(
  tree: string,
  files: Files,
  { name, content }: Patch,
  log: (message: string) => void,
): Promise<Buffer | undefined> {
  const { diff } = splitPatch(content);
  const text = diff.toString('latin1');
  const changes = readUnifiedDiff(text);
  if (changes === undefined) return undefined;
  const pieces: string[] = [];
  let copied = 0;
  for (const change of changes) {
    const { path, hunks } = change;
    if (!files.has(path)) files.set(path, await linesOf(tree, path));
    const applied = applyHunks(change, files.get(path));
    if (applied === undefined) return undefined;
    files.set(path, change.kind === 'delete' ? undefined : applied.lines);
    for (const [index, hunk] of hunks.entries()) {
      const written = applied.rewritten.get(hunk);
      if (written === undefined) continue;
      log(`${name}: hunk ${index + 1} of ${path} applies only with fuzz, it is rewritten`);
      pieces.push(text.slice(copied, hunk.start), written);
      copied = hunk.end;
    }
  }
  if (pieces.length === 0) return content;
  pieces.push(text.slice(copied));
  const header = content.subarray(0, content.length - diff.length);
  return Buffer.concat([header, Buffer.from(pieces.join(''), 'latin1')]);
}

async function linesOf(tree: string, path: string): Promise<string[] | undefined> {
  const content = await readInside(tree, path, MAX_FILE_BYTES);
  return content?.length === 0 ? [] : content?.toString('latin1').split(/(?<=\n)/);
}

function applyHunks(
  { kind, hunks }: FileDiff,
  file: readonly string[] | undefined,
): { lines: string[]; rewritten: Map<Hunk, string> } | undefined {
  if ((file !== undefined) !== (kind !== 'create')) return undefined;
  const old = file ?? [];
  const lines: string[] = [];
  const rewritten = new Map<Hunk, string>();
  let [taken, offset] = [0, 0];
  for (const hunk of hunks) {
    const found = locate(hunk, old, taken, offset);
    if (found === undefined) return undefined;
    const { at, fuzz, inner } = found;
    for (; taken < at; taken++) lines.push(old[taken]!);
    if (fuzz > 0) {
      const before = (kind: '-' | '+', place: number) =>
        inner.some((line) => line.kind !== kind) ? place + 1 : place;
      const moved = { oldStart: before('+', at), rest: hunk.rest, lines: inner };
      rewritten.set(hunk, writeHunk(moved, before('-', lines.length)));
    }
    lines.push(...inner.filter((line) => line.kind !== '-').map((line) => line.text));
    taken = at + inner.filter((line) => line.kind !== '+').length;
    offset = found.offset;
  }
  lines.push(...old.slice(taken));
  return { lines, rewritten };
}

interface Found {
  /** Index of the first line of what is left of the hunk. */
  at: number;
  fuzz: number;
  /** From where the hunk says that it belongs. */
  offset: number;
  /** The hunk without the context that is left out. */
  inner: Hunk['lines'];
}

/** Where a hunk belongs, by the rules of GNU patch; with fuzz only when there is one such place. */
function locate(
  { lines, oldStart }: Hunk,
  file: readonly string[],
  from: number,
  offset: number,
): Found | undefined {
  const isContext = (line: Hunk['lines'][number]) => line.kind === ' ';
  const changed = lines.findIndex((line) => !isContext(line));
  if (changed < 0) return undefined;
  const prefix = changed;
  const suffix = lines.length - 1 - lines.findLastIndex((line) => !isContext(line));
  const context = Math.max(prefix, suffix);
  const hasOld = lines.some((line) => line.kind !== '+');
  const guess = (hasOld ? oldStart - 1 : oldStart) + offset;
  for (let fuzz = 0; fuzz <= Math.min(MAX_FUZZ, context); fuzz++) {
    const [head, tail] = [fuzz + prefix - context, fuzz + suffix - context];
    const cut = Math.max(head, 0);
    const inner = lines.slice(cut, lines.length - Math.max(tail, 0));
    const wanted = inner.filter((line) => line.kind !== '+').map((line) => line.text);
    // Where nothing of the file is in the hunk, only its line says where it belongs.
    if (wanted.length === 0) {
      return fuzz === 0 && guess >= from && guess <= file.length
        ? { at: guess, fuzz, offset, inner }
        : undefined;
    }
    // Less context at one end means that the file begins or ends there.
    const places = matches(file, wanted, from).filter(
      (at) =>
        !(head < 0 && oldStart <= 1 && at !== 0) && !(tail < 0 && at + wanted.length < file.length),
    );
    const near = places.sort((a, b) => distance(a - cut - guess) - distance(b - cut - guess))[0];
    if (near === undefined) continue;
    if (fuzz > 0 && places.length > 1) return undefined;
    return { at: near, fuzz, offset: near - cut - guess + offset, inner };
  }
  return undefined;
}

/** Of two places that are as far, `patch` takes the later one. */
const distance = (lines: number) => (lines >= 0 ? lines - 0.5 : -lines);

function matches(file: readonly string[], wanted: readonly string[], from: number): number[] {
  const places: number[] = [];
  for (let at = from; at + wanted.length <= file.length; at++) {
    if (wanted.every((line, index) => file[at + index] === line)) places.push(at);
  }
  return places;
}
