/**
 * The relations that apt-get could not meet, from what it printed:
 *
 *     The following packages have unmet dependencies:
 *      builddeps:/mnt/source.dsc : Depends: libx-dev (>= 2) but it is not installable
 */
export function parseUnmetDependencies(printed: string): string[] {
  const unmet = [
    ...printed.matchAll(/(?:^|\s)(?:Pre)?(?:Depends|Conflicts|Breaks): (\S.*)$/gm),
  ].map(([, relation = '']) => relation.trim());
  return [...new Set(unmet)];
}
