import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AptSource } from '../registry/apt-registry';
import { parseStanzas, type Stanza } from '../registry/deb822';

/** Origins of pins: above any distribution's (500), below what would replace newer packages (1000). */
const HIGHEST_PRIORITY = 990;

/** How a container sees the instance's registry. */
export interface RegistryMount {
  /** Folder of the registry in the container. */
  folder: string;
  /** Path of the armored key in the container. */
  keyring: string;
}

/** The registry as a source of apt (sources.list(5), deb822 style). */
export function aptSources({ suite, components }: AptSource, mount: RegistryMount): string {
  return [
    'Types: deb',
    `URIs: file:${mount.folder}`,
    `Suites: ${suite}`,
    `Components: ${components.join(' ')}`,
    `Signed-By: ${mount.keyring}`,
    '',
  ].join('\n');
}

/**
 * Preferences (apt_preferences(5)) by which packages of the most specific derivative come before those
 * of the next, and all of them before the distribution's.
 *
 * @param origin field of the registry's Release file
 */
export function aptPreferences({ components }: AptSource, origin: string): string {
  // The value is a pattern in a list separated by commas: what would be read as syntax matches any character.
  const pattern = origin.replace(/[,*?[\]\\/]/g, '?');
  return components
    .map((component, index) =>
      [
        'Package: *',
        `Pin: release o=${pattern}, c=${component}`,
        `Pin-Priority: ${Math.max(HIGHEST_PRIORITY - index, 501)}`,
        '',
      ].join('\n'),
    )
    .join('\n');
}

/**
 * Digest of those published packages that an installation of `names` could have taken, or would take
 * now: by their own name or one they provide. Others may come and go without changing it.
 */
export async function relevantPackages(
  source: AptSource | undefined,
  architecture: string,
  names: ReadonlySet<string>,
): Promise<string> {
  const lines: string[] = [];
  for (const component of source?.components ?? []) {
    for (const stanza of await publishedPackages(source as AptSource, component, architecture)) {
      if (isRelevant(stanza, names)) lines.push(`${component} ${identity(stanza)}`);
    }
  }
  return createHash('sha256').update(lines.sort().join('\n')).digest('hex');
}

function isRelevant(stanza: Stanza, names: ReadonlySet<string>): boolean {
  if (names.has(stanza.get('Package') ?? '')) return true;
  const provided = (stanza.get('Provides') ?? '').split(',');
  return provided.some((relation) => names.has(relation.trim().split(/[\s(:]/)[0] ?? ''));
}

function identity(stanza: Stanza): string {
  return ['Package', 'Version', 'Architecture', 'SHA256'].map((name) => stanza.get(name)).join(' ');
}

async function publishedPackages(
  { folder, suite }: AptSource,
  component: string,
  architecture: string,
): Promise<Stanza[]> {
  const path = join(folder, 'dists', suite, component, `binary-${architecture}`, 'Packages');
  try {
    return parseStanzas(await readFile(path, 'utf8'));
  } catch (fault) {
    // A derivative that has nothing for this architecture yet.
    if ((fault as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw fault;
  }
}
