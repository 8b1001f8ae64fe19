import type { Instance } from '@fatbuildr/instances';
import type { Artifact, RegistryPlace } from '@fatbuildr/protocol';
import type { ApiLinks } from '../links';
import type { ListedArtifactDto } from './artifact.dto';

/** An artifact with the path of what else is known of it. */
export function linked(
  to: ApiLinks,
  instance: Pick<Instance, 'id'>,
  place: RegistryPlace,
  artifact: Artifact,
): ListedArtifactDto {
  const { name, architecture } = artifact;
  return {
    ...artifact,
    links: { self: to.place(instance, place, 'artifacts', architecture, name) },
  };
}
