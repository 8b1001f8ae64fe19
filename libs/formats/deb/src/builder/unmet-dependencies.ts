/**
 * The relations that apt-get could not meet, from what it printed:
 *
 *     The following packages have unmet dependencies:
 *      builddeps:/mnt/source.dsc : Depends: libx-dev (>= 2) but it is not installable
 *     E: Unable to locate package no-such-package
 *     E: Package 'gone' has no installation candidate
 */
export function parseUnmetDependencies(printed: string): string[] {
  const unmet = [
    ...printed.matchAll(/(?:^|\s)(?:Pre)?(?:Depends|Conflicts|Breaks): (\S.*)$/gm),
    ...printed.matchAll(/^E: Unable to locate package (\S+)/gm),
    ...printed.matchAll(/^E: Package '(\S+)' has no installation candidate/gm),
  ].map(([, relation = '']) => relation.trim());
  return [...new Set(unmet)];
}
