import { noSource } from './artifacts.errors';
import type { ArtifactDefinition, DefinedSource } from './definition';

/**
 * The sources of a derivative, the main one first: what is given by its id comes before what is declared.
 *
 * @throws FatbuildrError `SOURCE.NONE`, `ARTIFACT.NO_CHECKSUM`, `ARTIFACT.UNKNOWN_DERIVATIVE`
 */
export async function chosenSources<Given extends object>(
  definition: ArtifactDefinition,
  derivative: string,
  given: ReadonlyMap<string, Given>,
): Promise<(DefinedSource | Given)[]> {
  const ids = definition.sourceIds;
  // A definition whose only source is given needs no derivative and no URL for it.
  const isComplete = ids.every((id) => given.has(id));
  const declared = isComplete ? [] : await definition.sources(derivative);
  return ids.map((id) => {
    const chosen = given.get(id);
    if (chosen !== undefined) return chosen;
    const source = declared.find((one) => one.id === id);
    // Without a URL the version is still declared, so the message can name what is missing.
    if (source === undefined) throw noSource(definition.name, definition.version(derivative));
    definition.checksumsOf(source.id, source.version);
    return source;
  });
}
