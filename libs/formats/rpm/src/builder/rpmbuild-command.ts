import { BUILD_FOLDER } from '@fatbuildr/builds';
import type { ArgumentVector } from '@fatbuildr/containers';

/** Macros that make the same of the same spec and sources, whenever it is built; the time is that of the changelog where none is given. */
export const REPRODUCIBLE = {
  _buildhost: 'fatbuildr',
  source_date_epoch_from_changelog: '1',
  use_source_date_epoch_as_buildtime: '1',
  clamp_mtime_to_source_date_epoch: '1',
} as const;

/** An rpmbuild command in the build folder, whose results lie in SRPMS and RPMS without further folders. */
export function rpmbuildCommand(...args: readonly string[]): ArgumentVector {
  const macros = {
    _topdir: BUILD_FOLDER,
    _specdir: BUILD_FOLDER,
    _rpmfilename: '%%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm',
    ...REPRODUCIBLE,
  };
  return [
    'rpmbuild',
    ...args,
    ...Object.entries(macros).flatMap(([name, value]) => ['--define', `${name} ${value}`]),
  ];
}
