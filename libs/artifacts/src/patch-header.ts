import { folderFault } from './artifacts.errors';

/** What the header of a patch says of where and how it is applied. */
export interface PatchHeader {
  /** Distributions it is for; `undefined`: for all. */
  distributions: readonly string[] | undefined;
  /** Formats it is for; `undefined`: for all. */
  formats: readonly string[] | undefined;
  /** It is a Jinja2 template. */
  isTemplate: boolean;
  /** It is for every version. Where it lies decides that; a commit says so, as it lies nowhere. */
  isGeneric: boolean;
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
  const { header } = splitPatch(content);
  const field = (name: string) =>
    new RegExp(`^${name}:(.*(?:\\n[ \\t]+\\S.*)*)`, 'im').exec(header)?.[1]?.trim();
  const list = (name: string) => {
    const value = field(name);
    if (value === '') throw folderFault(folder, path, `its header names nothing after "${name}:"`);
    return value?.split(/[\s,]+/).filter(Boolean);
  };
  const flag = (name: string) => {
    const value = field(name)?.toLowerCase() ?? 'no';
    if (!['yes', 'true', 'no', 'false'].includes(value)) {
      throw folderFault(folder, path, `expected "yes" or "no" after "${name}:", got "${value}"`);
    }
    return value === 'yes' || value === 'true';
  };
  return {
    distributions: list('Distributions'),
    formats: list('Formats'),
    isTemplate: flag('Template'),
    isGeneric: flag('Generic'),
  };
}

/** Where the patch itself begins. */
export function splitPatch(content: Buffer): { header: string; diff: Buffer } {
  // One character a byte: places in the text are places in the file.
  const text = content.subarray(0, MAX_HEADER).toString('latin1');
  const start = START.exec(text)?.index ?? content.length;
  return { header: content.subarray(0, start).toString('utf8'), diff: content.subarray(start) };
}
