import { GENERIC } from '@fatbuildr/artifacts';
import { hasFlag, isSame, type Commit } from './commits';
import type { Nameable } from './patch-names';
import type { QueuedPatch, QueueState } from './patch-queue';

/** A patch to be: of a commit, or one that was left out. */
export interface NewPatch extends Nameable {
  place: string;
  /** The one it was before. */
  former?: QueuedPatch;
  /** `undefined`: the former one as it is. */
  commit?: Commit;
}

/**
 * Tells which patch each commit was: the same one, else one of the same title, else one that changes the same; of
 * templates that were given another title and content, the next one.
 */
export function matchPatches(
  commits: readonly Commit[],
  { patches, version }: Pick<QueueState, 'patches' | 'version'>,
  former: ReadonlyMap<QueuedPatch, Commit>,
): NewPatch[] {
  const free = new Set(patches.filter(({ isLeftOut }) => !isLeftOut));
  const found = new Map<Commit, QueuedPatch>();
  const match = (fits: (commit: Commit, patch: QueuedPatch, was?: Commit) => boolean) => {
    for (const commit of commits.filter((one) => !found.has(one))) {
      const patch = [...free].find((one) => fits(commit, one, former.get(one)));
      if (patch === undefined) continue;
      found.set(commit, patch);
      free.delete(patch);
    }
  };
  match(({ id }, patch) => id === patch.commit);
  match((commit, _, was) => was !== undefined && isSame(commit, was));
  match(({ description }, { title }) => description.title === title);
  match(({ diff }, _, was) => was?.diff.equals(diff) ?? false);
  match((commit, { isTemplate }) => isTemplate && hasFlag(commit, 'Template'));
  return commits.map((commit) => {
    const { title } = commit.description;
    const patch = found.get(commit);
    return {
      ...{ title, commit, former: patch, place: hasFlag(commit, 'Generic') ? GENERIC : version },
      previous: patch?.title === title ? patch.name : undefined,
    };
  });
}

/** Adds the patches that no commit was made of, each behind those that it was behind. */
export function withLeftOut(
  patches: readonly NewPatch[],
  state: Pick<QueueState, 'patches'>,
): NewPatch[] {
  const all = [...patches];
  for (const [index, former] of state.patches.entries()) {
    if (!former.isLeftOut) continue;
    const { place, title, name } = former;
    const before = all.findLastIndex(
      (patch) =>
        patch.place === place && patch.former && state.patches.indexOf(patch.former) < index,
    );
    all.splice(before + 1, 0, { place, title, previous: name, former });
  }
  return all;
}
