import {
  type Configuration,
  type ConfigurationSources,
  loadConfiguration,
} from '@fatbuildr/config';
import { noInstance, unknownFormats } from './instances.errors';
import type { Instance } from './instance';
import type { FormatDescription } from './instance-file';
import { loadInstances } from './load-instances';

/** What every program of an installation starts with. */
export interface InstallationFiles {
  configuration: Configuration;
  instances: Instance[];
}

/**
 * Reads configuration and instances.
 *
 * @param formats those the program is made with; `[images] formats` may restrict them
 * @throws FatbuildrError with every fault of the files, `INSTANCES.NONE` when there is no instance
 */
export async function loadInstallation(
  sources: ConfigurationSources,
  formats: readonly FormatDescription[],
): Promise<InstallationFiles> {
  const configuration = loadConfiguration(sources);
  const { dirs, images } = configuration;
  const known = formats.map(({ name }) => name);
  const unknown = images.formats?.filter((name) => !known.includes(name)) ?? [];
  if (unknown.length > 0) throw unknownFormats(unknown, known);
  const admitted = formats.filter(({ name }) => images.formats?.includes(name) ?? true);
  const instances = await loadInstances(dirs.instances, admitted);
  if (instances.length === 0) throw noInstance(dirs.instances);
  return { configuration, instances };
}
