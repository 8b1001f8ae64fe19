import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { badResult, requirePlainFile } from '@fatbuildr/builds';
import { parseStanzas } from '../registry/deb822';

/** Bytes of a description (.dsc, .changes); those of packages with thousands of files stay below. */
const LARGEST_DESCRIPTION = 4 * 1024 * 1024;

/**
 * The names of the files that a description (.dsc, .changes) lists with their SHA256.
 *
 * @throws FatbuildrError `BUILDS.BAD_RESULT`
 */
export async function listedFiles(folder: string, description: string): Promise<string[]> {
  const { size } = await requirePlainFile(folder, description);
  if (size > LARGEST_DESCRIPTION) {
    throw badResult(description, `it is larger than ${LARGEST_DESCRIPTION} bytes`);
  }
  const [stanza] = parseStanzas(await readFile(join(folder, description), 'utf8'));
  return (stanza?.get('Checksums-Sha256') ?? '')
    .split('\n')
    .flatMap((line) => /^\s*[0-9a-f]{64}\s+\d+\s+(\S+)\s*$/.exec(line)?.[1] ?? []);
}
