import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { declareChecksums, type NewChecksum } from './declare-checksums';
import { loadDefinition, type ArtifactDefinition, type DefinedSource } from './definition';
import { readDefinitionFile } from './definition-file';
import type { FetchOptions, SourceCache } from './source-cache';

export interface AddChecksumsRequest extends FetchOptions {
  folder: string;
  artifact: string;
  /** Keeps what is downloaded. */
  cache: SourceCache;
  /** Whether sources that have checksums are downloaded as well, and verified. */
  verify: boolean;
}

/** A source whose checksum was added, or found to be right. */
export interface CheckedSource extends NewChecksum {
  added: boolean;
}

/**
 * Downloads the sources of all versions that a definition declares without checksums, and writes their
 * checksums into it; in one step, and only if all of them could be had.
 *
 * @throws FatbuildrError as `loadDefinition` and `SourceCache.learn`
 */
export async function addChecksums(request: AddChecksumsRequest): Promise<CheckedSource[]> {
  const { folder, artifact, cache, verify, ...options } = request;
  const definition = await loadDefinition(folder, artifact);
  const checked: CheckedSource[] = [];
  for (const source of await allSources(definition)) {
    const added = source.checksums.length === 0;
    if (!added && !verify) continue;
    const { hex } = await cache.learn({ artifact, source }, options);
    checked.push({ source: source.id, version: source.version, sha256: hex, added });
  }
  const missing = checked.filter(({ added }) => added);
  if (missing.length > 0) {
    const { file, text } = await readDefinitionFile(folder);
    const changed = declareChecksums(file, text, missing, definition.sourceIds.length > 1);
    await writeFileAtomic(await realpath(join(folder, file)), changed);
  }
  return checked;
}

/** Each version of a source once, whatever derivatives have it. */
async function allSources(definition: ArtifactDefinition): Promise<DefinedSource[]> {
  const sources = new Map<string, DefinedSource>();
  for (const derivative of definition.derivatives) {
    for (const source of await definition.sources(derivative)) {
      sources.set(JSON.stringify([source.id, source.version]), source);
    }
  }
  return [...sources.values()];
}
