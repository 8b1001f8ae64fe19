import { badDefinition } from './artifacts.errors';
import type { DefinitionShape } from './definition-schema';

/** The derivative every artifact has unless its definition lists only others. */
export const MAIN_DERIVATIVE = 'main';

/** Derivative → source id → version. */
export type VersionTable = ReadonlyMap<string, ReadonlyMap<string, string>>;

/**
 * Brings every spelling of versions to one table. A derivative that leaves out the version of a
 * source takes that of `main`.
 *
 * @param ids source ids, the main source first
 * @throws FatbuildrError `ARTIFACT.BAD_DEFINITION`
 */
export function versionTable(
  file: string,
  definition: DefinitionShape,
  ids: readonly string[],
): VersionTable {
  const { version, versions, derivatives } = definition;
  const main = ids[0]!;
  const table = new Map<string, Map<string, string>>();
  const declare = (key: string, derivative: string, id: string, value: string) => {
    const row = table.get(derivative) ?? new Map<string, string>();
    if (row.has(id)) {
      throw badDefinition(
        file,
        key,
        `the version of source ${id} in derivative ${derivative} is declared twice`,
      );
    }
    table.set(derivative, row.set(id, value));
  };

  if (version !== undefined) {
    if (ids.length > 1) {
      throw badDefinition(
        file,
        'version',
        `there are several sources (${ids.join(', ')}), declare "versions" with one for each`,
      );
    }
    declare('version', MAIN_DERIVATIVE, main, version);
  }
  for (const [key, value] of Object.entries(versions ?? {})) {
    if (ids.includes(key)) declare(`versions.${key}`, MAIN_DERIVATIVE, key, value);
    // Old spelling: with a single source the keys are derivatives.
    else if (ids.length === 1) declare(`versions.${key}`, key, main, value);
    else throw unknownSource(file, `versions.${key}`, key, ids);
  }
  for (const [derivative, value] of Object.entries(derivatives ?? {})) {
    const key = `derivatives.${derivative}`;
    if (typeof value === 'string') declare(key, derivative, main, value);
    else {
      for (const [id, of] of Object.entries(value)) {
        if (!ids.includes(id)) throw unknownSource(file, `${key}.${id}`, id, ids);
        declare(`${key}.${id}`, derivative, id, of);
      }
    }
  }
  const fallback = table.get(MAIN_DERIVATIVE);
  for (const [derivative, row] of table) {
    for (const id of ids) {
      const value = row.get(id) ?? fallback?.get(id);
      if (value === undefined) {
        throw badDefinition(
          file,
          derivative === MAIN_DERIVATIVE ? 'versions' : `derivatives.${derivative}`,
          `expected a version of each source, that of ${id} is missing`,
        );
      }
      row.set(id, value);
    }
  }
  return table;
}

function unknownSource(file: string, key: string, id: string, ids: readonly string[]) {
  return badDefinition(file, key, `there is no source "${id}", the sources are: ${ids.join(', ')}`);
}
