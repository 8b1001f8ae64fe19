import { hostArchitecture } from '@fatbuildr/config';
import { repositoryFile, type DnfRepository } from '../environment/dnf-configuration';
import { REPRODUCIBLE } from '../builder/rpmbuild-command';
import type { EnvironmentPlan } from '../environment/environment-plan';

/** Folders of the containers that run mock. */
export const FOLDERS = {
  /** Of roots, for one task. */
  roots: '/var/lib/mock',
  /** What is kept of an environment: its root, packed, and the metadata of repositories. */
  cache: '/var/cache/mock',
  configuration: '/mnt',
  /** The only folder of keys that mock copies into its roots. */
  keys: '/etc/pki/mock',
  registry: '/media',
  /** What is bound into roots, each below it by its path there. */
  bound: '/srv',
} as const;

/** A value of a configuration of mock, which is a program in Python. */
type Value = string | number | boolean | readonly Value[];

/**
 * The configuration of mock for one environment.
 *
 * @param name of the root
 * @param release what dnf calls the release
 * @param own the instance's own registry; its priorities come before those of the environment
 * @param bound folders of the container, and where its roots have them
 */
export function mockConfiguration(
  { repositories, modules, packages }: Omit<EnvironmentPlan, 'keys'>,
  { name, architecture, release }: { name: string; architecture: string; release: string },
  own: readonly DnfRepository[] = [],
  bound: readonly (readonly [string, string])[] = [],
): string {
  const host = hostArchitecture();
  const options: [string, Value][] = [
    ['root', name],
    ['target_arch', architecture],
    ['legal_host_arches', [...new Set([architecture, host])]],
    // Programs of others are emulated.
    ...(architecture === host ? [] : [['forcearch', architecture] as [string, Value]]),
    ['releasever', release],
    ['basedir', FOLDERS.roots],
    ['cache_topdir', FOLDERS.cache],
    ['chroot_setup_cmd', ['install', ...packages]],
    ['module_setup_commands', modules.map((module) => ['enable', module])],
    // The distribution's own dnf and rpm make the root, so that it can read its database of packages.
    ['use_bootstrap', true],
    // No other containers in this one.
    ['use_bootstrap_image', false],
    // nspawn wants systemd as the first process.
    ['isolation', 'simple'],
    ['rpmbuild_networking', false],
    ['package_manager', 'dnf4'],
    ['dnf4_command', '/usr/bin/dnf-3'],
    ['dnf4_system_command', '/usr/bin/dnf-3'],
    // An environment is as it was made, until somebody updates it.
    ['update_before_build', false],
  ];
  const plugins: [string, Value][] = [
    ['root_cache_enable', true],
    // There is none, and it would look at the host's.
    ['selinux_enable', false],
  ];
  const dnf = `[main]
reposdir=/dev/null
gpgcheck=1
assumeyes=1
install_weak_deps=False
skip_if_unavailable=False
metadata_expire=0

${repositoryFile([...repositories, ...own])}`;
  return [
    ...options.map(([key, value]) => `config_opts['${key}'] = ${python(value)}`),
    ...plugins.map(([key, value]) => `config_opts['plugin_conf']['${key}'] = ${python(value)}`),
    "config_opts['plugin_conf']['root_cache_opts']['age_check'] = False",
    ...Object.entries(REPRODUCIBLE).map(
      ([name, macro]) => `config_opts['macros']['%${name}'] = ${python(macro)}`,
    ),
    ...(bound.length > 0
      ? [`config_opts['plugin_conf']['bind_mount_opts']['dirs'] = ${python(bound)}`]
      : []),
    `config_opts['dnf.conf'] = ${python(dnf)}`,
    '',
  ].join('\n');
}

/** A value as Python writes it: texts as in JSON, sequences as tuples. */
function python(value: Value): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') return String(value);
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return `(${value.map((one) => `${python(one)},`).join(' ')})`;
}
