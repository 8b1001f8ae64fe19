import { resolve } from 'node:path';
import type { ArtifactDefinition, LocalSource } from '@fatbuildr/artifacts';
import type { Preferences } from '../connection/preferences';

/** Where a definition is, and what is taken in place of its sources. */
export interface DefinitionRequest {
  artifact: string;
  derivative: string;
  basedir?: string;
  subdir?: string;
  /** Local sources, `[SOURCE_ID#][VERSION@]DIR`. */
  sources: readonly string[];
}

export interface LocalDefinition {
  folder: string;
  definition: ArtifactDefinition;
  /** Their folders are absolute. */
  sources: readonly LocalSource[];
}

/** Packaging that upstream keeps beside its sources; the definition has its own. */
export const LEFT_OUT = ['debian'];

/** Reads the definition that a command is about, and refuses early what it does not declare. */
export async function openDefinition(
  { artifact, derivative, basedir, subdir, sources }: DefinitionRequest,
  cwd: string,
  preferences: Pick<Preferences, 'basedir'>,
  say: (line: string) => void,
): Promise<LocalDefinition> {
  const folder = resolve(cwd, basedir ?? preferences.basedir ?? '.', subdir ?? artifact);
  // Loaded here: few commands need it.
  const { loadDefinition, parseLocalSources } = await import('@fatbuildr/artifacts');
  const definition = await loadDefinition(folder, artifact);
  definition.versions(derivative);
  for (const warning of definition.warnings) say(`${folder}: ${warning}`);
  const local = parseLocalSources(sources, definition, derivative);
  return {
    ...{ folder, definition },
    sources: local.map((source) => ({ ...source, folder: resolve(cwd, source.folder) })),
  };
}
