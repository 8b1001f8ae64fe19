import { FatbuildrError } from '@fatbuildr/errors';
import type { Artifact, FatbuildrClient, RegistryPlace } from '@fatbuildr/protocol';

/** The architecture of source packages. */
const SOURCE = 'src';

/** Artifacts whose name contains the text; all without one. */
export function containing(artifacts: readonly Artifact[], text: string | undefined): Artifact[] {
  return artifacts.filter(({ name }) => text === undefined || name.includes(text));
}

export interface Deletion {
  artifact: Artifact;
  /** What the daemon removes along: the binaries of a source. */
  along: Artifact[];
}

/**
 * What a deletion by name is about. An artifact of exactly that name stands for itself, else every one
 * that contains the text is meant. Binaries that go with a chosen source are not deleted again.
 */
export async function chooseDeletions(
  client: Pick<FatbuildrClient, 'artifacts' | 'artifactBinaries' | 'artifactSource'>,
  place: RegistryPlace,
  text: string,
): Promise<Deletion[]> {
  const artifacts = await client.artifacts(place);
  const exact = artifacts.filter(({ name }) => name === text);
  const chosen = exact.length > 0 ? exact : containing(artifacts, text);
  if (chosen.length === 0) throw nothingNamed(text, place, artifacts);
  const sources = chosen.filter(({ architecture }) => architecture === SOURCE);
  const deletions: Deletion[] = [];
  for (const artifact of chosen) {
    if (artifact.architecture === SOURCE) {
      deletions.push({ artifact, along: await client.artifactBinaries(place, artifact.name) });
      continue;
    }
    if (sources.length > 0) {
      const source = await client.artifactSource(place, artifact.name);
      if (sources.some(({ name }) => name === source.name)) continue;
    }
    deletions.push({ artifact, along: [] });
  }
  return deletions;
}

/**
 * The one artifact a question is about.
 *
 * @param prefers which architecture is taken when the user named none
 */
export function chooseOne(
  artifacts: readonly Artifact[],
  place: RegistryPlace,
  name: string,
  architecture: string | undefined,
  prefers: 'source' | 'binary',
): Artifact {
  const named = artifacts.filter((artifact) => artifact.name === name);
  if (named.length === 0) throw nothingNamed(name, place, artifacts);
  const candidates =
    architecture === undefined
      ? [...named].sort((one, other) => rank(one, prefers) - rank(other, prefers))
      : named.filter((artifact) => artifact.architecture === architecture);
  const [chosen] = candidates;
  if (chosen === undefined) throw noSuchArchitecture(name, architecture ?? '', named);
  return chosen;
}

function rank({ architecture }: Artifact, prefers: 'source' | 'binary'): number {
  return (architecture === SOURCE) === (prefers === 'source') ? 0 : 1;
}

const describePlace = ({ format, distribution, derivative }: RegistryPlace) =>
  `registry ${format} ${distribution} ${derivative}`;

function nothingNamed(
  name: string,
  place: RegistryPlace,
  artifacts: readonly Artifact[],
): FatbuildrError {
  const names = [...new Set(artifacts.map((artifact) => artifact.name))];
  const existing = names.length === 0 ? 'it is empty' : `it has: ${names.join(', ')}`;
  return new FatbuildrError(
    'REGISTRY.UNKNOWN_ARTIFACT',
    `no artifact "${name}" in ${describePlace(place)}; ${existing}`,
    { name, names },
  );
}

function noSuchArchitecture(
  name: string,
  architecture: string,
  named: readonly Artifact[],
): FatbuildrError {
  const architectures = named.map((artifact) => artifact.architecture);
  return new FatbuildrError(
    'REGISTRY.UNKNOWN_ARCHITECTURE',
    `artifact ${name} has no architecture ${architecture}; it has: ${architectures.join(', ')}`,
    { name, architecture, architectures },
  );
}
