import { join } from 'node:path';
import { GENERIC, readPatches, type PatchFile } from '@fatbuildr/artifacts';
import { isSame, readCommits, type Commit } from './commits';
import type { Git } from './git';
import { matchPatches, withLeftOut, type NewPatch } from './match-patches';
import { patchContent } from './patch-content';
import { namePatches } from './patch-names';
import { changedMeanwhile, unfinished, wrongOrder } from './patch-queue.errors';
import {
  digest,
  interruptedWork,
  UPSTREAM,
  type PatchQueue,
  type QueuedPatch,
} from './patch-queue';
import { replaceFolder, type NewFile } from './replace-folder';

/** What became of a file of the definition. */
export interface QueueChange {
  /** In the definition. */
  path: string;
  change: 'written' | 'removed';
}

/**
 * Writes the commits of a queue as patches of the definition; those that were not changed stay as they are,
 * byte for byte.
 *
 * @throws FatbuildrError `PATCHES.…`; then nothing is written
 */
export async function exportQueue(queue: PatchQueue): Promise<QueueChange[]> {
  const { git, state } = queue;
  await requireFinished(git);
  const files = await currentFiles(queue);
  const former = await formerCommits(git, state.patches);
  const read = async () => matchPatches(await readCommits(git, `${UPSTREAM}..HEAD`), state, former);
  if (await reorder(git, await read())) await requireFinished(git);
  const matched = await read();
  await refuseAborted(queue, matched);
  const patches = withLeftOut(matched, state);

  const changes: QueueChange[] = [];
  const folders: { place: string; files: NewFile[] }[] = [];
  for (const place of [GENERIC, state.version]) {
    const ours = patches.filter((patch) => patch.place === place);
    const names = namePatches(ours);
    const made: NewFile[] = [];
    for (const [index, patch] of ours.entries()) {
      const name = names[index]!;
      made.push({ name, content: await contentOf(queue, patch, name, files, former) });
    }
    const told = compare(place, made, files);
    if (told.length > 0) folders.push({ place, files: made });
    changes.push(...told);
  }
  for (const { place, files } of folders) {
    await replaceFolder(join(state.definition, 'patches', place), files);
  }
  return changes;
}

/** Whoever gives up on a patch that does not apply has not dropped those after it. */
async function refuseAborted(
  { git, state }: PatchQueue,
  matched: readonly NewPatch[],
): Promise<void> {
  const missing = state.patches.find(
    (patch) =>
      patch.commit === undefined &&
      !patch.isLeftOut &&
      !matched.some(({ former }) => former === patch),
  );
  if (missing === undefined) return;
  const done = await git.text(['reflog', '--format=%gs', 'HEAD']);
  if (!done.split('\n').includes('am --abort')) return;
  throw unfinished(
    `"git am" was aborted before patches/${missing.place}/${missing.name} was applied`,
    'begin again by "git am --reject --keep .git/pending-*"',
  );
}

async function contentOf(
  queue: PatchQueue,
  { commit, former, place }: NewPatch,
  name: string,
  files: readonly PatchFile[],
  commits: ReadonlyMap<QueuedPatch, Commit>,
): Promise<NewFile['content']> {
  const before = former && commits.get(former);
  if (former && (commit === undefined || (before && isSame(commit, before)))) {
    return { sameAs: former.name };
  }
  const file = files.find((one) => one.place === former?.place && one.name === former.name);
  return patchContent(queue, commit!, `patches/${place}/${name}`, file && { file, commit: before });
}

/** What is told of a folder that gets these files. */
function compare(
  place: string,
  made: readonly NewFile[],
  files: readonly PatchFile[],
): QueueChange[] {
  const old = files.filter((file) => file.place === place);
  const written = made.filter(({ name, content }) =>
    Buffer.isBuffer(content)
      ? !old.find((file) => file.name === name)?.content.equals(content)
      : content.sameAs !== name,
  );
  const removed = old.filter(({ name }) => !made.some((file) => file.name === name));
  const told = (change: QueueChange['change']) => (file: { name: string }) => ({
    path: `patches/${place}/${file.name}`,
    change,
  });
  return [...written.map(told('written')), ...removed.map(told('removed'))];
}

/**
 * Moves generic commits before those of the version, as they are applied.
 *
 * @returns whether there was something to move
 */
async function reorder(git: Git, patches: readonly NewPatch[]): Promise<boolean> {
  const isFirst = ({ place }: NewPatch) => place === GENERIC;
  const sorted = [...patches.filter(isFirst), ...patches.filter((patch) => !isFirst(patch))];
  const moved = sorted.find((patch, index) => patch !== patches[index]);
  if (moved === undefined) return false;
  const head = await git.text(['rev-parse', 'HEAD']);
  const branch = await git.text(['symbolic-ref', '--quiet', '--short', 'HEAD'], { accept: [0, 1] });
  await git.run(['checkout', '--quiet', '--detach', UPSTREAM]);
  const pick = ['cherry-pick', '--allow-empty', '--keep-redundant-commits', '--no-gpg-sign'];
  // One patch after the other, so that each is known to fit where it comes to lie.
  const isDone =
    (await git.succeeds([...pick, ...sorted.map(({ commit }) => commit!.id)])) &&
    (await git.succeeds(['diff', '--quiet', head, 'HEAD']));
  if (isDone && branch !== '') await git.run(['checkout', '--quiet', '-B', branch]);
  if (isDone) return true;
  await git.run(['cherry-pick', '--quit']);
  await git.run(['checkout', '--quiet', '--force', branch || head]);
  throw wrongOrder(moved.title);
}

/** All work must be in commits, in one line after upstream's. */
async function requireFinished(git: Git): Promise<void> {
  const work = await interruptedWork(git);
  if (work !== undefined) throw unfinished(`${work} is not finished`, 'continue or abort it');
  const changed = await git.list(['diff', '--name-only', '-z', 'HEAD']);
  // Files that upstream ignores are work as well.
  const added = await git.list(['ls-files', '--others', '-z']);
  const [file] = [...changed, ...added];
  if (file !== undefined) {
    const count = changed.length + added.length;
    const more = count > 1 ? ` and ${count - 1} more` : '';
    throw unfinished(
      `${file}${more} ${count > 1 ? 'are' : 'is'} not committed`,
      'commit it, or take it back with "git reset --hard" and "git clean -d -x --force"',
    );
  }
  if (!(await git.succeeds(['merge-base', '--is-ancestor', UPSTREAM, 'HEAD']))) {
    throw unfinished(
      'the commits do not follow "Upstream sources"',
      'rebase them onto the tag "upstream"',
    );
  }
  const merges = await git.text(['rev-list', '--merges', `${UPSTREAM}..HEAD`]);
  if (merges !== '') {
    throw unfinished('there is a merge among the commits', 'rebase them onto the tag "upstream"');
  }
}

/** The files the queue was made of, when they still are as they were. */
async function currentFiles({ state }: PatchQueue): Promise<PatchFile[]> {
  const files = await readPatches(state.definition, state.version);
  const find = (file: Pick<PatchFile, 'place' | 'name'>, all: readonly QueuedPatch[]) =>
    all.find((one) => one.place === file.place && one.name === file.name);
  for (const file of files) {
    if (find(file, state.patches)?.sha256 !== digest(file.content))
      throw changedMeanwhile(file.path);
  }
  const gone = state.patches.find(
    ({ place, name }) => !files.some((file) => file.place === place && file.name === name),
  );
  if (gone !== undefined) throw changedMeanwhile(`patches/${gone.place}/${gone.name}`);
  return files;
}

async function formerCommits(
  git: Git,
  patches: readonly QueuedPatch[],
): Promise<Map<QueuedPatch, Commit>> {
  const commits = new Map<QueuedPatch, Commit>();
  for (const patch of patches) {
    if (patch.commit === undefined) continue;
    const [commit] = await readCommits(git, '--no-walk', patch.commit);
    if (commit !== undefined) commits.set(patch, commit);
  }
  return commits;
}
