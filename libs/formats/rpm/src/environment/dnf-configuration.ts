import type { EnvironmentOrigin } from '@fatbuildr/images';
import { badMirror, badModule } from './environment.errors';

/** Where environments keep the configuration of dnf that builds use; their distribution's own stays unused. */
export const DNF_FOLDER = '/etc/fatbuildr';

/** What dnf calls architectures in addresses, where it is not their own name. */
const BASE_ARCHITECTURES: Readonly<Record<string, string>> = { i686: 'i386', armv7l: 'armhfp' };

/** Of repositories that say none. */
export const DNF_PRIORITY = 99;

/** A repository of dnf.conf(5). */
export interface DnfRepository {
  id: string;
  url: string;
  /** Paths of armored keys; none: signatures are not checked. */
  keys: readonly string[];
  /** The lower, the sooner it is taken from. */
  priority?: number;
  /** Whether the index is signed as well. */
  signedIndex?: boolean;
}

/**
 * The repositories of a mirror: one for each component, in place of `$component`; `$basearch` and
 * `$releasever` mean what they mean to dnf.
 *
 * @throws FatbuildrError `RPM.BAD_MIRROR`
 */
export function mirrorRepositories(
  { mirror, components }: EnvironmentOrigin & { mirror: string },
  {
    architecture,
    release,
    keys,
  }: { architecture: string; release: string; keys: readonly string[] },
): DnfRepository[] {
  if (!/^https?:\/\/[^\s"]+$/.test(mirror)) {
    throw badMirror(mirror, 'expected an address that begins with http:// or https://');
  }
  const named = mirror.includes('$component');
  if (named && components.length === 0) {
    throw badMirror(mirror, 'it holds "$component", but no components are named');
  }
  if (!named && components.length > 0) {
    throw badMirror(
      mirror,
      `it holds no "$component" to put ${components.join(', ')} in the place of`,
    );
  }
  return (named ? components : ['base']).map((component) => {
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(component)) {
      throw badMirror(mirror, `"${component}" is no component`);
    }
    const values: Record<string, string> = {
      component,
      basearch: BASE_ARCHITECTURES[architecture] ?? architecture,
      releasever: release,
    };
    const url = mirror.replace(
      /\$(component|basearch|releasever)\b/g,
      (_, name: string) => values[name]!,
    );
    return { id: `environment-${component}`, url, keys };
  });
}

/** `9` of `rocky-9`: what dnf calls the release; without a number at the end it is `1`. */
export function releaseOf(environment: string): string {
  return /(\d+)$/.exec(environment)?.[1] ?? '1';
}

/** @throws FatbuildrError `RPM.BAD_MODULE` */
export function checkModules(modules: readonly string[]): readonly string[] {
  for (const module of modules) {
    if (!/^[A-Za-z0-9][A-Za-z0-9._+-]*:[A-Za-z0-9._+-]+$/.test(module)) throw badModule(module);
  }
  return modules;
}

/** Configuration by which dnf knows the repositories in a folder and no others. */
export function dnfConfiguration(repositories: string): string {
  return `[main]\nreposdir=${repositories}\ngpgcheck=1\ninstallonly_limit=0\nskip_if_unavailable=False\n`;
}

/** A file of repositories (dnf.conf(5)). */
export function repositoryFile(repositories: readonly DnfRepository[]): string {
  return repositories
    .map(({ id, url, keys, priority, signedIndex = false }) =>
      [
        `[${id}]`,
        `name=${id}`,
        `baseurl=${url}`,
        `gpgcheck=${Number(keys.length > 0)}`,
        `repo_gpgcheck=${Number(signedIndex)}`,
        ...(keys.length > 0 ? [`gpgkey=${keys.map((key) => `file://${key}`).join(' ')}`] : []),
        ...(priority === undefined ? [] : [`priority=${priority}`]),
        // What was published a moment ago counts.
        ...(url.startsWith('file:') ? ['metadata_expire=0'] : []),
        '',
      ].join('\n'),
    )
    .join('\n');
}
