import { withoutEpoch } from '@fatbuildr/artifacts';

/** Debian Policy 5.6.1: lower case letters, digits and `+-.`, at least two, the first alphanumeric. */
const PACKAGE_NAME = /^[a-z0-9][a-z0-9+.-]+$/;
/** Debian Policy 5.6.12. */
const VERSION = /^(\d+:)?[0-9A-Za-z.+~:-]+$/;
const ARCHITECTURE = /^[a-z0-9][a-z0-9-]*$/;
const FILE_NAME = /^[0-9A-Za-z][0-9A-Za-z.+~_:%-]*$/;

/**
 * `pool/<component>/<letter>/<source>`, relative to the registry. The letter is the source's first, for
 * libraries the first four (`libx`), so that folders stay small.
 */
export function poolFolder(component: string, source: string): string {
  const letter = /^lib./.test(source) ? source.slice(0, 4) : source.slice(0, 1);
  return `pool/${component}/${letter}/${source}`;
}

/** `hello_2.10-1_amd64.deb` */
export function debFileName(name: string, version: string, architecture: string): string {
  return `${name}_${withoutEpoch(version)}_${architecture}.deb`;
}

/** `hello_2.10-1.dsc` */
export function dscFileName(source: string, version: string): string {
  return `${source}_${withoutEpoch(version)}.dsc`;
}

/**
 * Names out of packages become paths; those that break Debian's rules are refused here.
 *
 * @throws Error naming the field and its value
 */
export function checkNames(names: {
  package?: string;
  source?: string;
  version?: string;
  architecture?: string;
  file?: string;
}): void {
  const rules = {
    package: PACKAGE_NAME,
    source: PACKAGE_NAME,
    version: VERSION,
    architecture: ARCHITECTURE,
    file: FILE_NAME,
  };
  for (const kind of Object.keys(rules) as (keyof typeof rules)[]) {
    const value = names[kind];
    if (value !== undefined && !rules[kind].test(value)) {
      throw new Error(`"${value}" is not a valid ${kind === 'file' ? 'file name' : kind}`);
    }
  }
}
