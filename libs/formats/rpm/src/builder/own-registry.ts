import { join } from 'node:path';
import { DNF_PRIORITY, type DnfRepository } from '../environment/dnf-configuration';

/** The most specific derivative comes first, then each that it extends, all before the distribution. */
const FIRST_PRIORITY = 10;

/**
 * What the instance has published, as repositories of dnf.
 *
 * @param places of the repositories below the folder, the most specific derivative first
 * @param mount where a container sees the folder, and the file of its key
 */
export function ownRepositories(
  places: readonly string[],
  mount: { folder: string; key: string },
): DnfRepository[] {
  return places.map((place, index) => ({
    id: `fatbuildr-${place.replaceAll('/', '-')}`,
    url: `file://${join(mount.folder, place)}`,
    keys: [mount.key],
    signedIndex: true,
    priority: Math.min(FIRST_PRIORITY + index, DNF_PRIORITY - 1),
  }));
}
