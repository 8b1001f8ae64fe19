/** A patch that needs a file name; `previous` is the one it has. */
export interface Nameable {
  title: string;
  previous: string | undefined;
}

/** Characters of a title in a file name, as `git format-patch` has it. */
const MAX_TITLE = 52;

/**
 * Names for patches, so that their order by name is the one given. They keep those they have, and others are
 * numbered after the one before them; where that gives no order, all are numbered anew.
 */
export function namePatches(patches: readonly Nameable[]): string[] {
  let number = 0;
  const kept = patches.map(({ title, previous }) => {
    number = previous === undefined ? number + 1 : (numberOf(previous) ?? number + 1);
    return previous ?? numbered(number, title);
  });
  return isOrdered(kept) ? kept : patches.map(({ title }, index) => numbered(index + 1, title));
}

function isOrdered(names: readonly string[]): boolean {
  return names.slice(1).every((name, index) => {
    const before = names[index]!;
    const [low, high] = [numberOf(before), numberOf(name)];
    return before < name && !(low !== undefined && high !== undefined && low >= high);
  });
}

function numberOf(name: string): number | undefined {
  const [digits] = /^\d{1,9}(?=[-_.])/.exec(name) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

function numbered(number: number, title: string): string {
  const plain = title
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^A-Za-z0-9._+]+/g, '-')
    .slice(0, MAX_TITLE)
    .replace(/^[-.]+|[-.]+$/g, '');
  return `${String(number).padStart(4, '0')}-${plain || 'patch'}.patch`;
}
