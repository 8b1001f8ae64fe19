import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { FatbuildrError, messageOf } from '@fatbuildr/errors';
import { invalidConfiguration } from './config.errors';
import type { Configuration, FormatConfiguration } from './configuration';
import { homeSiteFile, readHome } from './home';
import { parseIni } from './ini-file';
import { findProgramRoot } from './program-root';
import { type Fields, FORMAT_FIELDS, iniName, SECTIONS } from './schema';
import { keyFault, readEnvironment, sectionFault, type Settings } from './settings';

/** The site file of an installation without a home. */
const SITE_FILE = '/etc/fatbuildr/fatbuildr.ini';

export interface ConfigurationSources {
  /** Shipped defaults, they set every key; by default `packaging/fatbuildr.ini` of the program. */
  vendorFile?: string;
  /** May be absent. By default `<home>/etc/fatbuildr.ini` or `/etc/fatbuildr/fatbuildr.ini`. */
  siteFile?: string;
  /** Folder of `--home`: everything of the installation lives below it. */
  home?: string;
  /** By default that of the process. */
  env?: NodeJS.ProcessEnv;
  /** Folder the relative paths of the vendor file start from; by default where the program is installed. */
  programRoot?: string;
}

/**
 * Reads the configuration once: vendor file, home, site file, environment, each overruling the ones
 * before it.
 *
 * @throws FatbuildrError `CONFIG.INVALID` with every fault of every source, one a line:
 *   `file: section.key: reason`; `details.faults` has them as a list
 */
export function loadConfiguration(sources: ConfigurationSources = {}): Readonly<Configuration> {
  const programRoot = sources.programRoot ?? findProgramRoot();
  const home = sources.home === undefined ? undefined : resolve(sources.home);
  const vendorFile = sources.vendorFile ?? join(programRoot, 'packaging/fatbuildr.ini');
  const siteFile = sources.siteFile ?? (home === undefined ? SITE_FILE : homeSiteFile(home));

  const settings: Settings = new Map();
  const faults = readFile(vendorFile, { base: programRoot, mayBeAbsent: false }, settings);
  if (home !== undefined) readHome(home, settings);
  faults.push(...readFile(siteFile, { base: undefined, mayBeAbsent: true }, settings));
  faults.push(...readEnvironment(sources.env ?? process.env, settings));

  /** Understands the values of one section; what it cannot is left out and becomes a fault. */
  const read = <T extends object>(section: string, fields: Fields<T>, whenMissing?: string): T => {
    const values: Partial<T> = {};
    for (const property of Object.keys(fields) as (keyof T & string)[]) {
      const name = `${section}.${iniName(property)}`;
      const setting = settings.get(name);
      const value = setting?.value ?? whenMissing;
      if (value === undefined) {
        faults.push(`${vendorFile}: ${name}: missing, the vendor file sets every key`);
        continue;
      }
      try {
        values[property] = fields[property](value, setting?.base);
      } catch (fault) {
        if (!(fault instanceof FatbuildrError)) throw fault;
        faults.push(`${setting?.origin}: ${name}: ${fault.message}`);
      }
    }
    // Complete whenever there is no fault, and with one nobody gets to see it.
    return values as T;
  };

  const formats: Record<string, FormatConfiguration> = {};
  for (const name of settings.keys()) {
    const [, format] = /^format:([^.]+)\./.exec(name) ?? [];
    if (format === undefined || Object.hasOwn(formats, format)) continue;
    formats[format] = read(`format:${format}`, FORMAT_FIELDS, '');
  }
  const configuration: Configuration = {
    dirs: read('dirs', SECTIONS.dirs),
    daemon: read('daemon', SECTIONS.daemon),
    web: read('web', SECTIONS.web),
    images: read('images', SECTIONS.images),
    registry: read('registry', SECTIONS.registry),
    tasks: read('tasks', SECTIONS.tasks),
    containers: read('containers', SECTIONS.containers),
    queue: read('queue', SECTIONS.queue),
    database: read('database', SECTIONS.database),
    keyring: read('keyring', SECTIONS.keyring),
    tokens: read('tokens', SECTIONS.tokens),
    sources: read('sources', SECTIONS.sources),
    formats,
  };
  if (faults.length > 0) throw invalidConfiguration(faults);
  return configuration;
}

/**
 * Adds the values of an INI file.
 *
 * @returns its faults: lines that are not INI, sections and keys that do not exist
 */
function readFile(
  file: string,
  { base, mayBeAbsent }: { base: string | undefined; mayBeAbsent: boolean },
  settings: Settings,
): string[] {
  let content: string;
  try {
    content = readFileSync(file, 'utf8');
  } catch (fault) {
    if (mayBeAbsent && (fault as NodeJS.ErrnoException).code === 'ENOENT') return [];
    return [`${file}: cannot be read: ${messageOf(fault)}`];
  }
  const { sections, entries, faults: malformed } = parseIni(content);
  const faults = malformed.map(({ line, reason }) => `${file}: line ${line}: ${reason}`);
  const unknown = new Set<string>();
  for (const { name } of sections) {
    const reason = sectionFault(name);
    if (reason === undefined || unknown.has(name)) continue;
    unknown.add(name);
    faults.push(`${file}: ${name}: ${reason}`);
  }
  for (const { section, key, value } of entries) {
    if (unknown.has(section)) continue;
    const reason = keyFault(section, key);
    if (reason === undefined) settings.set(`${section}.${key}`, { value, origin: file, base });
    else faults.push(`${file}: ${section}.${key}: ${reason}`);
  }
  return faults;
}
