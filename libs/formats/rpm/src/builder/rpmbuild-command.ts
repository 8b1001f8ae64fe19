import { BUILD_FOLDER } from '@fatbuildr/builds';
import type { ArgumentVector } from '@fatbuildr/containers';

/** An rpmbuild command in the build folder, whose results lie in SRPMS and RPMS without further folders. */
export function rpmbuildCommand(...args: readonly string[]): ArgumentVector {
  const macros = {
    _topdir: BUILD_FOLDER,
    _specdir: BUILD_FOLDER,
    _rpmfilename: '%%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm',
  };
  return [
    'rpmbuild',
    ...args,
    ...Object.entries(macros).flatMap(([name, value]) => ['--define', `${name} ${value}`]),
  ];
}
