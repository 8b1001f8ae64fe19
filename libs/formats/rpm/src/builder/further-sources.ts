import { readdir } from 'node:fs/promises';
import type { PackagingRequest } from '@fatbuildr/builds';
import { badPackagingFile } from './builder.errors';

/** Names that a spec and rpm take as they are. */
export const PLAIN_NAME = /^[A-Za-z0-9_][A-Za-z0-9._+@-]*$/;

/**
 * The plain files beside the spec, which become further sources; by name.
 *
 * @param warn told of what becomes none
 * @throws FatbuildrError `RPM.BAD_PACKAGING`
 */
export async function furtherSources(
  { artifact, packaging }: Pick<PackagingRequest, 'artifact' | 'packaging'>,
  warn: (message: string) => void = () => undefined,
): Promise<string[]> {
  const names: string[] = [];
  const entries = await readdir(packaging, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const { name } = entry;
    if (name === `${artifact}.spec` || name.startsWith('.')) continue;
    if (!entry.isFile()) {
      warn(`rpm/${name} is no plain file and becomes no source`);
      continue;
    }
    if (!PLAIN_NAME.test(name)) {
      const rule = 'the name of a source holds letters, digits and "._+@-" only';
      throw badPackagingFile(artifact, name, rule);
    }
    names.push(name);
  }
  return names;
}
