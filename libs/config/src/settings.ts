import { closest } from './closest';
import { FORMAT_FIELDS, FORMAT_NAME, iniName, SECTIONS } from './schema';

/** A value and where it comes from. */
export interface Setting {
  value: string;
  /** File or environment variable, for faults. */
  origin: string;
  /** Folder relative paths start from; `undefined`: they are refused. */
  base: string | undefined;
}

/** The values of all layers by `section.key`; a later layer overwrites an earlier one. */
export type Settings = Map<string, Setting>;

/** The keys of each section as files spell them; `format:<name>` stands for all format sections. */
const KEYS: ReadonlyMap<string, readonly string[]> = new Map(
  [...Object.entries(SECTIONS), ['format:<name>', FORMAT_FIELDS] as const].map(
    ([section, fields]) => [section, Object.keys(fields).map(iniName)],
  ),
);

/** The keys a section may hold; `undefined` when there is no such section. */
function keysOf(section: string): readonly string[] | undefined {
  const name = section.startsWith('format:') ? section.slice('format:'.length) : undefined;
  if (name !== undefined) return FORMAT_NAME.test(name) ? KEYS.get('format:<name>') : undefined;
  return section.includes('<') ? undefined : KEYS.get(section);
}

/** @returns why there is no such section; `undefined` when there is one */
export function sectionFault(section: string): string | undefined {
  if (keysOf(section)) return undefined;
  if (section.startsWith('format:')) {
    return 'the name of a format consists of lower case letters and digits';
  }
  return `unknown section, the closest known one is [${closest(section, KEYS.keys())}]`;
}

/** @returns why a known section has no such key; `undefined` when it has */
export function keyFault(section: string, key: string): string | undefined {
  const keys = keysOf(section) ?? [];
  if (keys.includes(key)) return undefined;
  const elsewhere = [...KEYS].find(([, others]) => others.includes(key))?.[0];
  const known = closest(key, keys);
  return elsewhere === undefined || isTypo(key, known)
    ? `unknown key, the closest known one is ${section}.${known}`
    : `unknown key, it belongs into section [${elsewhere}]`;
}

/** Whether the key is rather a slip of the known one than a key of another section. */
function isTypo(key: string, known: string | undefined): boolean {
  return known !== undefined && (known.startsWith(key) || key.startsWith(known));
}

const PREFIX = 'FATBUILDR_';

/** Variables of ours that are not configuration; those of the test runner share a prefix. */
const NOT_CONFIGURATION = /^FATBUILDR_(?:HOME|URI|TEST_.*)$/;

/**
 * Adds `FATBUILDR_<SECTION>_<KEY>` variables; `FATBUILDR_FORMAT_<NAME>_<KEY>` for `[format:<name>]`.
 *
 * @returns a fault for each variable that names no key
 */
export function readEnvironment(env: NodeJS.ProcessEnv, settings: Settings): string[] {
  const variables = new Map<string, string>();
  for (const [section, keys] of KEYS) {
    if (section === 'format:<name>') continue;
    for (const key of keys) variables.set(variableOf(section, key), `${section}.${key}`);
  }
  const faults: string[] = [];
  for (const [variable, value] of Object.entries(env)) {
    if (!variable.startsWith(PREFIX) || NOT_CONFIGURATION.test(variable)) continue;
    if (value === undefined) continue;
    const name = variables.get(variable) ?? formatSetting(variable);
    if (name !== undefined) {
      settings.set(name, { value: value.trim(), origin: variable, base: undefined });
      continue;
    }
    const format = /^FATBUILDR_FORMAT_([A-Z][A-Z0-9]*)_/.exec(variable)?.[1];
    const candidates =
      format === undefined
        ? variables.keys()
        : Object.keys(FORMAT_FIELDS).map((key) => variableOf(`format_${format}`, iniName(key)));
    faults.push(
      `environment: ${variable}: unknown variable, the closest known one is ${closest(variable, candidates)}`,
    );
  }
  return faults;
}

function variableOf(section: string, key: string): string {
  return `${PREFIX}${section}_${key}`.toUpperCase();
}

/** `FATBUILDR_FORMAT_<NAME>_<KEY>` → `format:<name>.<key>`. */
function formatSetting(variable: string): string | undefined {
  const [, format, key] = /^FATBUILDR_FORMAT_([A-Z][A-Z0-9]*)_([A-Z_]+)$/.exec(variable) ?? [];
  if (format === undefined || key === undefined) return undefined;
  const section = `format:${format.toLowerCase()}`;
  return keyFault(section, key.toLowerCase()) === undefined
    ? `${section}.${key.toLowerCase()}`
    : undefined;
}
