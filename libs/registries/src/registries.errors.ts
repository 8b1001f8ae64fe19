import { FatbuildrError } from '@fatbuildr/errors';
import type { Artifact, RegistryPlace } from '@fatbuildr/protocol';

/** Longer lists are cut in messages; details hold all of it. */
const LISTED = 20;

function among(existing: readonly string[]): string {
  if (existing.length === 0) return 'there is none';
  const more = existing.length - LISTED;
  return `existing: ${existing.slice(0, LISTED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

export function placeText({ format, distribution, derivative }: RegistryPlace): string {
  return `${format} registry ${distribution}/${derivative}`;
}

export function unknownFormat(format: string, instance: string, existing: readonly string[]) {
  return new FatbuildrError(
    'REGISTRY.UNKNOWN_FORMAT',
    `instance ${instance} has no registry of format "${format}", ${among(existing)}`,
    { format, instance, existing },
  );
}

export function unknownDistribution(
  distribution: string,
  format: string,
  existing: readonly string[],
) {
  return new FatbuildrError(
    'REGISTRY.UNKNOWN_DISTRIBUTION',
    `the ${format} registry has no distribution "${distribution}", ${among(existing)}`,
    { distribution, format, existing },
  );
}

export function unknownDerivative(
  { format, distribution, derivative }: RegistryPlace,
  existing: readonly string[],
) {
  return new FatbuildrError(
    'REGISTRY.UNKNOWN_DERIVATIVE',
    `distribution ${distribution} of the ${format} registry has no derivative "${derivative}", ${among(existing)}`,
    { format, distribution, derivative, existing },
  );
}

export function unknownArchitecture(
  place: RegistryPlace,
  architecture: string,
  artifact: string,
  existing: readonly string[],
) {
  return new FatbuildrError(
    'REGISTRY.UNKNOWN_ARCHITECTURE',
    `${placeText(place)} has no artifact "${artifact}" of architecture "${architecture}", ${among(existing)}`,
    { ...place, architecture, artifact, existing },
  );
}

/** @param kind what was looked for: `artifact`, `source`, `binary` */
export function unknownArtifact(
  place: RegistryPlace,
  kind: string,
  name: string,
  existing: readonly string[],
) {
  return new FatbuildrError(
    'REGISTRY.UNKNOWN_ARTIFACT',
    `${placeText(place)} has no ${kind} "${name}", ${among(existing)}`,
    { ...place, artifact: name, existing },
  );
}

export function unknownVersion(
  place: RegistryPlace,
  artifact: Pick<Artifact, 'name' | 'architecture' | 'version'>,
  existing: readonly string[],
) {
  return new FatbuildrError(
    'REGISTRY.UNKNOWN_VERSION',
    `${placeText(place)} has no version "${artifact.version}" of ${artifact.name} (${artifact.architecture}), ${among(existing)}`,
    { ...place, ...artifact, existing },
  );
}

export function alreadyPublished(
  place: RegistryPlace,
  artifact: Pick<Artifact, 'name' | 'architecture' | 'version'>,
  publishedBy: string,
) {
  const { name, version, architecture } = artifact;
  return new FatbuildrError(
    'REGISTRY.ALREADY_PUBLISHED',
    `${placeText(place)} already holds ${name} ${version} (${architecture})${publishedBy} with other content; ` +
      'delete it first or publish another version',
    { ...place, name, version, architecture },
  );
}

export function fileConflict(path: string, owner: string) {
  return new FatbuildrError(
    'REGISTRY.FILE_CONFLICT',
    `${path} is already published with other content, as a file of ${owner}; ` +
      'delete that first or publish another version',
    { path, owner },
  );
}

export function locked(registry: string, holder: { pid: number; task: string; user: string }) {
  return new FatbuildrError(
    'REGISTRY.LOCKED',
    `the registry ${registry} is being changed by process ${holder.pid} (task ${holder.task} of ${holder.user}), try again later`,
    { registry, ...holder },
  );
}

export function needsReindex(format: string, distribution: string) {
  return new FatbuildrError(
    'REGISTRY.NEEDS_REINDEX',
    `the ${format} registry serves ${distribution}, but the database knows nothing of it; reindex the registry first`,
    { format, distribution },
  );
}
