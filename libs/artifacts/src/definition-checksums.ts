import { closest } from 'fastest-levenshtein';
import { badDefinition } from './artifacts.errors';
import { attempt, type Faults } from './definition-faults';
import { describe, isMapping, type DefinitionValue } from './definition-schema';

export interface Checksum {
  algorithm: 'sha256' | 'sha512';
  /** Lower case. */
  hex: string;
}

/** Source id → version → checksums, at least one. */
export type ChecksumTable = ReadonlyMap<string, ReadonlyMap<string, readonly Checksum[]>>;

export const DIGITS: Readonly<Record<Checksum['algorithm'], number>> = { sha256: 64, sha512: 128 };
const BROKEN = ['md5', 'sha1'];

/**
 * Reads `checksums`: version → {algorithm: hex}, or source id → version → {algorithm: hex}.
 *
 * @param faults receives an `ARTIFACT.BAD_DEFINITION` for each version whose checksums are wrong
 */
export function checksumTable(
  file: string,
  declared: Readonly<Record<string, DefinitionValue>>,
  ids: readonly string[],
  faults: Faults,
): ChecksumTable {
  const table = new Map<string, Map<string, readonly Checksum[]>>(ids.map((id) => [id, new Map()]));
  const enter = (id: string, version: string, path: string, sums: DefinitionValue) =>
    attempt(faults, () => table.get(id)!.set(version, readChecksums(file, path, sums)));
  for (const [key, value] of Object.entries(declared)) {
    const path = `checksums.${key}`;
    if (!isMapping(value)) {
      faults.push(badDefinition(file, path, `expected a mapping, got ${describe(value)}`));
    } else if (!Object.values(value).some(isMapping)) {
      const reason = `there are several sources, expected one of them here: ${ids.join(', ')}`;
      if (ids.length > 1) faults.push(badDefinition(file, path, reason));
      else enter(ids[0]!, key, path, value);
    } else if (!table.has(key)) {
      const reason = `there is no source "${key}", the sources are: ${ids.join(', ')}`;
      faults.push(badDefinition(file, path, reason));
    } else {
      for (const [version, sums] of Object.entries(value)) {
        enter(key, version, `${path}.${version}`, sums);
      }
    }
  }
  return table;
}

function readChecksums(file: string, path: string, value: DefinitionValue): Checksum[] {
  if (!isMapping(value) || Object.keys(value).length === 0) {
    throw badDefinition(file, path, 'expected a mapping with sha256 or sha512');
  }
  return Object.entries(value).map(([name, hex]) => {
    const algorithm = name.toLowerCase();
    const key = `${path}.${name}`;
    if (BROKEN.includes(algorithm)) {
      throw badDefinition(
        file,
        key,
        `${algorithm} is refused: files with the same ${algorithm} can be made at will, give sha256 or sha512`,
      );
    }
    if (algorithm !== 'sha256' && algorithm !== 'sha512') {
      const near = closest(algorithm, Object.keys(DIGITS));
      throw badDefinition(file, key, `unknown algorithm, the closest known one is "${near}"`);
    }
    const digits = DIGITS[algorithm];
    if (typeof hex !== 'string' || hex.length !== digits || !/^[0-9a-fA-F]*$/.test(hex)) {
      throw badDefinition(file, key, `expected ${digits} hexadecimal digits, got ${describe(hex)}`);
    }
    return { algorithm, hex: hex.toLowerCase() };
  });
}
