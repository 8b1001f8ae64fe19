import { closest } from 'fastest-levenshtein';
import { badDefinition } from './artifacts.errors';
import { describe, isMapping, type DefinitionValue } from './definition-schema';

export interface Checksum {
  algorithm: 'sha256' | 'sha512';
  /** Lower case. */
  hex: string;
}

/** Source id → version → checksums, at least one. */
export type ChecksumTable = ReadonlyMap<string, ReadonlyMap<string, readonly Checksum[]>>;

const DIGITS: Readonly<Record<Checksum['algorithm'], number>> = { sha256: 64, sha512: 128 };
const BROKEN = ['md5', 'sha1'];

/**
 * Reads `checksums`: version → {algorithm: hex}, or source id → version → {algorithm: hex}.
 *
 * @throws FatbuildrError `ARTIFACT.BAD_DEFINITION`
 */
export function checksumTable(
  file: string,
  declared: Readonly<Record<string, DefinitionValue>>,
  ids: readonly string[],
): ChecksumTable {
  const table = new Map<string, Map<string, readonly Checksum[]>>(ids.map((id) => [id, new Map()]));
  for (const [key, value] of Object.entries(declared)) {
    const path = `checksums.${key}`;
    if (!isMapping(value)) {
      throw badDefinition(file, path, `expected a mapping, got ${describe(value)}`);
    }
    const bySource = Object.values(value).some(isMapping);
    if (!bySource) {
      if (ids.length > 1) {
        throw badDefinition(
          file,
          path,
          `there are several sources, expected one of them here: ${ids.join(', ')}`,
        );
      }
      table.get(ids[0]!)!.set(key, readChecksums(file, path, value));
      continue;
    }
    const versions = table.get(key);
    if (versions === undefined) {
      throw badDefinition(
        file,
        path,
        `there is no source "${key}", the sources are: ${ids.join(', ')}`,
      );
    }
    for (const [version, sums] of Object.entries(value)) {
      versions.set(version, readChecksums(file, `${path}.${version}`, sums));
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
