import { folderFault } from './artifacts.errors';

/** What the header of a patch says of where and how it is applied. */
export interface PatchHeader {
  /** Distributions it is for; `undefined`: for all. */
  distributions: readonly string[] | undefined;
  /** Formats it is for; `undefined`: for all. */
  formats: readonly string[] | undefined;
  /** It is a Jinja2 template. */
  isTemplate: boolean;
}

/** Bytes; what comes later is no header. */
const MAX_HEADER = 256 * 1024;

/** The first line of the patch itself; a header cannot hold it. */
const START = /^(?:--- |\+\+\+ |\*\*\* |diff |Index: |@@ )/m;

/**
 * Reads the fields that we know from the header of a patch, as DEP-3 has it (dep.debian.net/deps/dep3): lines
 * of `Field: value` before the patch, also after free text, as `git format-patch` writes them.
 *
 *     Description: Say hello to all
 *     Distributions: el8, el9
 *     Template: yes
 *
 * @param folder of the definition
 * @param path of the patch in it
 * @throws FatbuildrError `ARTIFACT.REFUSED_FILE`
 */
export function readPatchHeader(folder: string, path: string, content: Buffer): PatchHeader {
  const text = content.subarray(0, MAX_HEADER).toString('utf8');
  const header = text.slice(0, START.exec(text)?.index);
  const field = (name: string) =>
    new RegExp(`^${name}:(.*(?:\\n[ \\t]+\\S.*)*)`, 'im').exec(header)?.[1]?.trim();
  const list = (name: string) => {
    const value = field(name);
    if (value === '') throw folderFault(folder, path, `its header names nothing after "${name}:"`);
    return value?.split(/[\s,]+/).filter(Boolean);
  };
  const template = field('Template')?.toLowerCase() ?? 'no';
  if (!['yes', 'true', 'no', 'false'].includes(template)) {
    throw folderFault(folder, path, `expected "yes" or "no" after "Template:", got "${template}"`);
  }
  return {
    distributions: list('Distributions'),
    formats: list('Formats'),
    isTemplate: template === 'yes' || template === 'true',
  };
}
