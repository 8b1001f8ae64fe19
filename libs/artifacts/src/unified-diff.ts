/** The changes of one file, in a patch whose text has one character a byte. */
export interface FileDiff {
  /** Path with one component taken off, as by `patch -p1`. */
  path: string;
  kind: 'create' | 'change' | 'delete';
  hunks: readonly Hunk[];
}

export interface Hunk {
  /** Place in the text, with its header. */
  start: number;
  end: number;
  /** Line of the old file, from 1; the one before it where no line of it is in the hunk. */
  oldStart: number;
  /** What stands behind the second `@@`, with the end of the line. */
  rest: string;
  /** Each with its end of line, which the last one of a file may lack. */
  lines: readonly HunkLine[];
}

export interface HunkLine {
  kind: ' ' | '-' | '+';
  text: string;
}

const HUNK = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@(.*\n?)$/s;
/** What no line of a unified diff says: other means to change files. */
const OTHER = /^(?:GIT binary patch|(?:rename|copy) (?:from|to) |Binary files )/;

/**
 * Reads a unified diff.
 *
 * @returns `undefined` for what is anything else, or only nearly one
 */
export function readUnifiedDiff(text: string): FileDiff[] | undefined {
  const lines = text.split(/(?<=\n)/);
  const files: FileDiff[] = [];
  let at = 0;
  for (let index = 0; index < lines.length;) {
    const line = lines[index]!;
    if (OTHER.test(line)) return undefined;
    const from = /^--- (.*)\n$/.exec(line)?.[1];
    const to = /^\+\+\+ (.*)\n$/.exec(lines[index + 1] ?? '')?.[1];
    if (from === undefined || to === undefined) {
      if (line.startsWith('@@ ')) return undefined;
      at += line.length;
      index++;
      continue;
    }
    at += line.length + lines[index + 1]!.length;
    index += 2;
    const hunks: Hunk[] = [];
    while (lines[index]?.startsWith('@@ ')) {
      const read = readHunk(lines, index, at);
      if (read === undefined) return undefined;
      hunks.push(read.hunk);
      index = read.index;
      at = read.hunk.end;
    }
    const file = fileDiff(from, to, hunks);
    if (file === undefined) return undefined;
    files.push(file);
  }
  return files.length > 0 ? files : undefined;
}

/** A hunk as text. @param newStart line of the new file, as `oldStart` */
export function writeHunk(
  { oldStart, rest, lines }: Omit<Hunk, 'start' | 'end'>,
  newStart: number,
) {
  const count = (kind: '-' | '+') => lines.filter((line) => line.kind !== kind).length;
  const body = lines.map(({ kind, text }) =>
    text.endsWith('\n') ? `${kind}${text}` : `${kind}${text}\n\\ No newline at end of file\n`,
  );
  return `@@ -${oldStart},${count('+')} +${newStart},${count('-')} @@${rest}${body.join('')}`;
}

function readHunk(
  lines: readonly string[],
  first: number,
  start: number,
): { hunk: Hunk; index: number } | undefined {
  const match = HUNK.exec(lines[first]!);
  if (match === null) return undefined;
  const [header, oldStart, oldCount = '1', , newCount = '1', rest = ''] = match;
  let [old, added] = [Number(oldCount), Number(newCount)];
  const read: HunkLine[] = [];
  let end = start + header.length;
  let index = first + 1;
  for (; old > 0 || added > 0 || lines[index]?.startsWith('\\'); index++) {
    const line = lines[index];
    if (line === undefined) return undefined;
    end += line.length;
    if (line.startsWith('\\')) {
      const last = read.at(-1);
      if (last === undefined) return undefined;
      last.text = last.text.replace(/\n$/, '');
      continue;
    }
    // Editors and mail take the space off an empty line.
    const kind = line === '\n' ? ' ' : line[0];
    if (kind !== ' ' && kind !== '-' && kind !== '+') return undefined;
    read.push({ kind, text: line === '\n' ? line : line.slice(1) });
    if (kind !== '+') old--;
    if (kind !== '-') added--;
  }
  if (old < 0 || added < 0) return undefined;
  const hunk = { start, end, oldStart: Number(oldStart), rest, lines: read };
  return { hunk, index };
}

function fileDiff(from: string, to: string, hunks: readonly Hunk[]): FileDiff | undefined {
  const [old, now] = [nameOf(from), nameOf(to)];
  if (old === undefined || now === undefined || hunks.length === 0) return undefined;
  if (old === '/dev/null') return { path: now, kind: 'create', hunks };
  if (now === '/dev/null') return { path: old, kind: 'delete', hunks };
  return old === now ? { path: now, kind: 'change', hunks } : undefined;
}

/** The name without what diff writes behind it and without its first component. */
function nameOf(written: string): string | undefined {
  const name = written.split('\t', 1)[0]!.trimEnd();
  if (name === '/dev/null') return name;
  const parts = name.split('/').slice(1);
  const isPlain = parts.length > 0 && !name.startsWith('"') && !name.startsWith('/');
  return isPlain && !parts.some((part) => ['', '.', '..'].includes(part))
    ? parts.join('/')
    : undefined;
}
