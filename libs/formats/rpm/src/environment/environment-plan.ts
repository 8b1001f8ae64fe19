import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Configuration } from '@fatbuildr/config';
import { originOf, readPackageList, type EnvironmentRequest } from '@fatbuildr/images';
import {
  checkModules,
  mirrorRepositories,
  releaseOf,
  type DnfRepository,
} from './dnf-configuration';
import { noKeys, noMirror } from './environment.errors';

/** All that decides what is in an environment. */
export interface EnvironmentPlan {
  repositories: readonly DnfRepository[];
  /** Name → content. */
  keys: ReadonlyMap<string, string>;
  modules: readonly string[];
  packages: readonly string[];
}

/**
 * @param keyFolder where dnf finds the keys
 * @throws FatbuildrError `RPM.NO_MIRROR`, `RPM.BAD_MIRROR`, `RPM.BAD_MODULE`, `RPM.NO_KEYS`
 */
export async function environmentPlan(
  {
    pipelines,
    environment,
    architecture,
  }: Pick<EnvironmentRequest, 'pipelines' | 'environment' | 'architecture'>,
  { formats, images }: Configuration,
  keyFolder: string,
): Promise<EnvironmentPlan> {
  const { mirror, ...origin } = originOf(pipelines, formats.rpm);
  if (mirror === undefined) throw noMirror(environment, pipelines[0]?.distribution ?? '');
  const keys = await readKeys(formats.rpm?.envKeys);
  return {
    repositories: mirrorRepositories(
      { mirror, ...origin },
      {
        architecture,
        release: releaseOf(environment),
        keys: [...keys.keys()].map((name) => `${keyFolder}/${name}`),
      },
    ),
    keys,
    modules: checkModules(origin.modules),
    packages: await readPackageList(join(images.defs, 'rpm'), 'environment-packages'),
  };
}

export function warnOfNoKeys({ context, environment }: EnvironmentRequest): void {
  context.journal.log(
    'warning',
    `The signatures of packages for ${environment} are not checked: [format:rpm] env_keys names no keys`,
  );
}

/** The keys of distributions, by file name. */
async function readKeys(folder: string | undefined): Promise<Map<string, string>> {
  if (folder === undefined) return new Map();
  const names = (await readdir(folder).catch(() => [])).filter((name) =>
    /^[A-Za-z0-9][A-Za-z0-9._-]*\.asc$/.test(name),
  );
  if (names.length === 0) throw noKeys(folder);
  const keys = new Map<string, string>();
  for (const name of names.sort()) keys.set(name, await readFile(join(folder, name), 'utf8'));
  return keys;
}
