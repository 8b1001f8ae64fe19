import { messageOf } from '@fatbuildr/errors';
import { parseStanzas, type Stanza } from '../registry/deb822';
import { badControl } from './builder.errors';

/** What a build needs to know of debian/control or a .dsc. */
export interface SourceControl {
  source: string;
  /** All binary packages are `Architecture: all`. */
  independent: boolean;
}

/** Fields that say what must be installed, and what must not, for a build (Debian Policy 7.7). */
const DEPENDENCY_FIELDS = ['Build-Depends', 'Build-Conflicts'] as const;
const ARCHITECTURE_FIELDS = ['Build-Depends-Arch', 'Build-Conflicts-Arch'] as const;
const INDEPENDENT_FIELDS = ['Build-Depends-Indep', 'Build-Conflicts-Indep'] as const;

/**
 * Reads debian/control (Debian Policy 5.2).
 *
 * @throws FatbuildrError `DEB.BAD_CONTROL`
 */
export function parseControl(text: string, artifact: string): SourceControl {
  let stanzas: Stanza[];
  try {
    stanzas = parseStanzas(text);
  } catch (fault) {
    throw badControl(artifact, messageOf(fault));
  }
  const [head, ...packages] = stanzas;
  const source = head?.get('Source')?.trim();
  if (source === undefined) throw badControl(artifact, 'the first paragraph has no field Source');
  if (source !== artifact) {
    throw badControl(artifact, `Source is "${source}", but the artifact is named "${artifact}"`);
  }
  if (packages.length === 0) throw badControl(artifact, 'it declares no binary package');
  for (const binary of packages) {
    for (const field of ['Package', 'Architecture']) {
      if (!binary.get(field)) {
        const name = binary.get('Package') ?? 'without a name';
        throw badControl(artifact, `binary package ${name} has no field ${field}`);
      }
    }
  }
  return {
    source,
    independent: packages.every((binary) => binary.get('Architecture')?.trim() === 'all'),
  };
}

/** What is needed to build, as written, with blanks normalized; the same text means the same needs. */
export function buildDependencies(dsc: Stanza, withIndependent: boolean): string[] {
  const fields = [
    ...DEPENDENCY_FIELDS,
    ...ARCHITECTURE_FIELDS,
    ...(withIndependent ? INDEPENDENT_FIELDS : []),
  ];
  return fields.flatMap((field) => {
    const relations = (dsc.get(field) ?? '')
      .split(',')
      .map((relation) => relation.replace(/\s+/g, ' ').trim())
      .filter(Boolean)
      .sort();
    return relations.length === 0 ? [] : [`${field}: ${relations.join(', ')}`];
  });
}

/** Names of all packages that dependency fields mention, alternatives included. */
export function mentionedPackages(dependencies: readonly string[]): string[] {
  return dependencies.flatMap((field) =>
    field
      .slice(field.indexOf(':') + 1)
      .split(/[,|]/)
      .flatMap((relation) => /^\s*([a-z0-9][a-z0-9+.-]+)/.exec(relation)?.[1] ?? []),
  );
}
