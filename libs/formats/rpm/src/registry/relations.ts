import { isPrimary } from './package-files';
import type { RpmHeader } from './rpm-header';
import { RELATION_TAGS, type RelationKind } from './rpm-tags';
import { compareRpmVersions } from './rpm-version';

/** What a package provides, requires, conflicts with … */
export interface Relation {
  name: string;
  /** `undefined` where every version will do. */
  operator: string | undefined;
  /** `epoch:version-release`, may be empty. */
  version: string;
  /** Needed while the package is installed already. */
  pre: boolean;
}

const OPERATORS: ReadonlyMap<number, string> = new Map([
  [2, 'LT'],
  [4, 'GT'],
  [8, 'EQ'],
  [10, 'LE'],
  [12, 'GE'],
]);
const OPERATOR_MASK = 0b1110;
/** RPMSENSE_PREREQ, RPMSENSE_SCRIPT_PRE and RPMSENSE_SCRIPT_POST. */
const PRE_MASK = (1 << 6) | (1 << 9) | (1 << 10);

export function relations(header: RpmHeader, kind: RelationKind): Relation[] {
  const [names, flags, versions] = RELATION_TAGS[kind];
  const numbers = header.numbers(flags);
  const texts = header.texts(versions);
  return header.texts(names).map((name, at) => {
    const flag = numbers[at] ?? 0;
    return {
      name,
      operator: OPERATORS.get(flag & OPERATOR_MASK),
      version: texts[at] ?? '',
      pre: (flag & PRE_MASK) !== 0,
    };
  });
}

/**
 * Requirements as createrepo_c lists them: without those on rpm itself, those the package states to provide
 * word for word or has as a primary file, and repetitions; of those on the C library, which name a version
 * of it each, only the highest, last.
 *
 * @param files paths of the package's own files
 */
export function listedRequires(header: RpmHeader, files: ReadonlySet<string>): Relation[] {
  const provided = new Set(relations(header, 'provides').map(keyOf));
  const last = new Map<string, Relation>();
  const listed: Relation[] = [];
  let library: Relation | undefined;
  for (const relation of relations(header, 'requires')) {
    const { name } = relation;
    if (name.startsWith('rpmlib(') || provided.has(keyOf(relation))) continue;
    if (isPrimary(name) && files.has(name)) continue;
    const before = last.get(name);
    if (before?.pre === relation.pre && keyOf(before) === keyOf(relation)) continue;
    if (name.startsWith('libc.so.6')) {
      if (library === undefined || compareLibrary(library.name, name) < 0) library = relation;
      continue;
    }
    listed.push(relation);
    last.set(name, relation);
  }
  return library === undefined ? listed : [...listed, library];
}

function keyOf({ name, operator, version }: Relation): string {
  return JSON.stringify([name, operator, version]);
}

/** `libc.so.6()(64bit)` is before `libc.so.6(GLIBC_2.4)(64bit)`, which is before that of 2.34. */
function compareLibrary(a: string, b: string): number {
  const [one, other] = [symbolVersion(a), symbolVersion(b)];
  if (one === undefined || other === undefined) {
    return (one === undefined ? 0 : 1) - (other === undefined ? 0 : 1);
  }
  return compareRpmVersions(one, other);
}

function symbolVersion(name: string): string | undefined {
  return /^[^(]*\([^)0-9]*([0-9][^)]*)\)/.exec(name)?.[1];
}
