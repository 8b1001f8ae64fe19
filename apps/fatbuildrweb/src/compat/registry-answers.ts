import type { Instance } from '@fatbuildr/instances';
import type { Artifact, ChangelogEntry, ContentMember, RegistryPlace } from '@fatbuildr/protocol';
import type { RegistriesService } from '@fatbuildr/registries';

/** The architecture of sources. */
const SOURCE = 'src';

/** An artifact: a source with its binaries, or a binary with its source and its files. */
export type ArtifactPage = {
  /** Its name. */
  artifact: string;
  changelog: ChangelogEntry[];
} & ({ binaries: Artifact[] } | { source: Artifact; content: ContentMember[] });

export async function artifactPage(
  registries: RegistriesService,
  instance: Instance,
  { format, distribution, derivative }: RegistryPlace,
  architecture: string,
  artifact: string,
): Promise<ArtifactPage> {
  const place = { format, distribution, derivative };
  const changelog = await registries.changelog(instance, place, architecture, artifact);
  if (architecture === SOURCE) {
    return {
      artifact,
      binaries: await registries.artifactBinaries(instance, place, artifact),
      changelog,
    };
  }
  return {
    artifact,
    source: await registries.artifactSource(instance, place, artifact),
    content: await registries.content(instance, place, architecture, artifact),
    changelog,
  };
}

/** Artifacts by format, distribution and derivative. */
export type FoundArtifacts = Record<string, Record<string, Record<string, Artifact[]>>>;

export function byPlace(
  found: readonly (RegistryPlace & { artifact: Artifact })[],
): FoundArtifacts {
  const places: FoundArtifacts = {};
  for (const { format, distribution, derivative, artifact } of found) {
    (((places[format] ??= {})[distribution] ??= {})[derivative] ??= []).push(artifact);
  }
  return places;
}
