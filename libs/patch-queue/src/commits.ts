import { parseCommitMessage, type PatchDescription } from '@fatbuildr/artifacts';
import type { Git, Person } from './git';
import { binaryChange } from './patch-queue.errors';

/** A commit as the patch it stands for. */
export interface Commit {
  id: string;
  message: string;
  description: PatchDescription;
  /** `undefined`: the patch that it was made of does not say. */
  author: Person | undefined;
  /** Of the author, as YYYY-MM-DD; `undefined` as above. */
  date: string | undefined;
  diff: Buffer;
}

/** Author of commits whose patches name none. */
export const NOBODY: Person = { name: 'Unknown', email: 'unknown@localhost' };
/** Date of commits whose patches have none. */
export const NO_DATE = '@0 +0000';

/** The same whatever the user's configuration; only the changes, in the plain form that every tool applies. */
const DIFF = [
  ...['-c', 'core.quotePath=false', '-c', 'diff.suppressBlankEmpty=false', 'diff-tree', '-p'],
  ...['--no-commit-id', '--no-renames', '--no-color', '--no-ext-diff', '--no-textconv'],
  ...['--unified=3', '--inter-hunk-context=0', '--diff-algorithm=myers'],
  ...['--src-prefix=a/', '--dst-prefix=b/', '--full-index'],
];

const FORMAT = ['%H', '%an', '%ae', '%at', '%ad', '%B'].join('%n');

/** Commits of a range, or some by their ids with `--no-walk`; the first one first. */
export async function readCommits(git: Git, ...which: string[]): Promise<Commit[]> {
  const records = await git.list([
    ...['-c', 'i18n.logOutputEncoding=UTF-8', '-c', 'log.showSignature=false', 'log', '-z'],
    ...['--reverse', '--topo-order', '--date=format:%Y-%m-%d', `--format=${FORMAT}`, ...which],
  ]);
  const commits: Commit[] = [];
  for (const record of records) {
    const [id = '', name = '', email = '', time, date, ...lines] = record.split('\n');
    const message = lines.join('\n').trim();
    const description = parseCommitMessage(message);
    const isNobody = name === NOBODY.name && email === NOBODY.email;
    commits.push({
      ...{ id, message, description },
      author: isNobody ? undefined : { name, email },
      date: time === '0' ? undefined : date,
      diff: await readDiff(git, id, description.title),
    });
  }
  return commits;
}

async function readDiff(git: Git, id: string, title: string): Promise<Buffer> {
  const counted = await git.list([
    'diff-tree',
    '-r',
    '-z',
    '--numstat',
    '--no-commit-id',
    '--no-renames',
    id,
  ]);
  const binary = counted.find((line) => line.startsWith('-\t-\t'));
  if (binary !== undefined) throw binaryChange(title, binary.slice(4));
  const { stdout } = await git.run([...DIFF, id]);
  // Names of blobs say nothing outside of the repository. No line of a hunk begins with a letter.
  return Buffer.from(
    stdout.toString('latin1').replace(/^index [0-9a-f]+\.\.[0-9a-f]+(?: \d+)?\n/gm, ''),
    'latin1',
  );
}

/** The same patch, whatever its parents. */
export function isSame(one: Commit, other: Commit): boolean {
  return (
    one.message === other.message &&
    one.author?.name === other.author?.name &&
    one.author?.email === other.author?.email &&
    one.date === other.date &&
    one.diff.equals(other.diff)
  );
}

/** Whether a field of the commit says yes. */
export function hasFlag({ description }: Commit, name: string): boolean {
  return description.fields.some(
    ([key, value]) => key.toLowerCase() === name.toLowerCase() && /^(?:yes|true)$/i.test(value),
  );
}
