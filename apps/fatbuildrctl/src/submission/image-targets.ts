import type { FatbuildrClient } from '@fatbuildr/protocol';
import {
  distributionWithoutEnvironment,
  formatContradiction,
  unknownArchitecture,
  unknownFormat,
} from './submission.errors';

/** Which images or environments a command is about; what is absent means all of the instance. */
export interface ImageFilters {
  format?: string;
  distribution?: string;
  architecture?: string;
}

export interface EnvironmentTarget {
  format: string;
  environment: string;
  architecture: string;
}

type Pipelines = Pick<
  FatbuildrClient,
  | 'pipelinesFormats'
  | 'pipelinesArchitectures'
  | 'pipelinesFormatDistributions'
  | 'pipelinesDistributionFormat'
  | 'pipelinesDistributionEnvironment'
>;

/** The formats whose images are meant. */
export async function imageFormats(filters: ImageFilters, pipelines: Pipelines): Promise<string[]> {
  const { format, distribution } = filters;
  if (distribution !== undefined) {
    const actual = await pipelines.pipelinesDistributionFormat(distribution);
    if (format !== undefined && format !== actual) {
      throw formatContradiction(distribution, format, actual);
    }
    return [actual];
  }
  const formats = await pipelines.pipelinesFormats();
  if (format === undefined) return formats;
  if (!formats.includes(format)) throw unknownFormat(format, formats);
  return [format];
}

/** The build environments that are meant; distributions that share one name it once. */
export async function environmentTargets(
  filters: ImageFilters,
  pipelines: Pipelines,
): Promise<EnvironmentTarget[]> {
  const architectures = await chosenArchitectures(filters, pipelines);
  const targets: EnvironmentTarget[] = [];
  for (const format of await imageFormats(filters, pipelines)) {
    const distributions =
      filters.distribution === undefined
        ? await pipelines.pipelinesFormatDistributions(format)
        : [filters.distribution];
    const environments = new Set<string>();
    for (const distribution of distributions) {
      const environment = await pipelines.pipelinesDistributionEnvironment(distribution);
      if (environment !== undefined) environments.add(environment);
      else if (filters.distribution !== undefined) {
        throw distributionWithoutEnvironment(distribution);
      }
    }
    for (const environment of environments) {
      targets.push(...architectures.map((architecture) => ({ format, environment, architecture })));
    }
  }
  return targets;
}

async function chosenArchitectures(
  { architecture }: ImageFilters,
  pipelines: Pipelines,
): Promise<string[]> {
  const architectures = await pipelines.pipelinesArchitectures();
  if (architecture === undefined) return architectures;
  if (!architectures.includes(architecture)) throw unknownArchitecture(architecture, architectures);
  return [architecture];
}
