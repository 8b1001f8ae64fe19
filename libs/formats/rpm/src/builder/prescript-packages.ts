/** Names of packages and what they provide; no paths, addresses and options, which dnf would take as well. */
const PACKAGE = /^[A-Za-z0-9_@(][A-Za-z0-9._+:()@-]*$/;
const MODULE = /^module:([A-Za-z0-9][A-Za-z0-9._+-]*(?::[A-Za-z0-9._+-]+)?)$/;

/** Those of the packages of a prescript that are none. */
export const badPackages = (packages: readonly string[]): string[] =>
  packages.filter((name) => !(name.startsWith('module:') ? MODULE : PACKAGE).test(name));

/**
 * How dnf installs the packages of a prescript; `module:NAME:STREAM` are modules of which the packages may come.
 */
export function installCommands(packages: readonly string[]): [string, ...string[]][] {
  const modules = packages
    .map((name) => MODULE.exec(name)?.[1])
    .filter((name) => name !== undefined);
  const names = packages.filter((name) => !MODULE.test(name));
  return [
    ...modules.map((name): [string, ...string[]] => ['module', 'enable', name]),
    ...(names.length > 0 ? [['install', ...names] as [string, ...string[]]] : []),
  ];
}
