import { doubtfulPatches, type ArtifactDefinition } from '@fatbuildr/artifacts';
import { FatbuildrError } from '@fatbuildr/errors';
import type { FormatDefinition } from './format-builder.port';

/** What can be built, or made to build by options, but was hardly meant; for warnings. */
export async function doubtsOf(
  definition: ArtifactDefinition,
  formats: readonly FormatDefinition[],
): Promise<FatbuildrError[]> {
  const { file, folder, derivatives } = definition;
  const known = formats.map(({ name }) => name);
  const versions = derivatives.map((derivative) => definition.version(derivative));
  return [
    ...definition.warnings.map(
      (reason) => new FatbuildrError('ARTIFACT.DEPRECATED', reason, { file, reason }),
    ),
    ...definition.formats
      .filter((format) => !known.includes(format))
      .map((format) => {
        const reason = `the format "${format}" is not known here, known are: ${known.join(', ')}`;
        return new FatbuildrError('BUILDS.UNKNOWN_FORMAT', reason, { file, reason, key: format });
      }),
    ...(await missingChecksums(definition)),
    ...(await doubtfulPatches(folder, { versions, formats: known })),
  ];
}

/** A source without one can only be handed over. */
async function missingChecksums(definition: ArtifactDefinition): Promise<FatbuildrError[]> {
  const faults: FatbuildrError[] = [];
  for (const derivative of definition.derivatives) {
    // What is wrong with a URL is told where it is built.
    const sources = await definition.sources(derivative).catch(() => []);
    for (const { id, version, checksums } of sources) {
      if (checksums.length > 0) continue;
      const reason = `version ${version} of source ${id} has no checksum, "fatbuildrctl checksum" adds it`;
      const details = { file: definition.file, key: 'checksums', reason };
      faults.push(new FatbuildrError('ARTIFACT.NO_CHECKSUM', reason, details));
    }
  }
  return faults;
}
