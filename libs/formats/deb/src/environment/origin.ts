import { join } from 'node:path';
import type { Configuration } from '@fatbuildr/config';
import { originOf, readHostApt, readPackageList, type EnvironmentRequest } from '@fatbuildr/images';

/** Where an environment comes from, and what is in it from the start. */
export interface Origin {
  uri: string;
  components: readonly string[];
  packages: readonly string[];
}

/** @throws FatbuildrError `IMAGES.NO_HOST_MIRROR` when no mirror is named, and the host names none */
export async function debOrigin(
  { pipelines }: EnvironmentRequest,
  { formats, images }: Configuration,
): Promise<Origin> {
  const { mirror, components } = originOf(pipelines, formats.deb);
  const uri = mirror ?? (await readHostApt()).mirror.uri;
  const packages = await readPackageList(join(images.defs, 'deb'), 'environment-packages');
  return {
    uri,
    components: components.length > 0 ? components : ['main'],
    // Build dependencies will be fetched from the same mirror.
    packages: uri.startsWith('https:') ? [...packages, 'ca-certificates'] : packages,
  };
}
