import { totalmem } from 'node:os';
import { unexpectedValue } from './config.errors';
import type { Configuration, FormatConfiguration } from './configuration';
import { parseDuration, parseInterval, parseTimer } from './durations';
import {
  checked,
  type Field,
  flag,
  integer,
  list,
  networks,
  oneOf,
  optional,
  orNo,
  path,
  pathPrefix,
  text,
  url,
} from './fields';
import { parsePurge } from './purge-policy';
import { parseSize } from './sizes';

/** What understands each key of a part of the configuration. */
export type Fields<T> = { readonly [K in keyof T]: Field<T[K]> };

type Sections = Omit<Configuration, 'formats'>;

const bus: Field<string> = (written) => {
  if (['auto', 'private', 'system', 'session'].includes(written)) return written;
  // D-Bus specification, "Server addresses": transport:key=value,…
  if (/^[a-z][a-z-]*:[a-z]+=/.test(written)) return written;
  throw unexpectedValue(
    'auto, private, system, session or a D-Bus address such as unix:path=/run/bus',
    written,
  );
};

const engine: Field<string> = (written, base) =>
  written === 'auto' ? written : path(written.replace(/^unix:\/\//, ''), base);

/** Less than this and the engine's own tools in a container are killed before ours start. */
const LEAST_MEMORY = 64e6;
/** The part of the host's memory that one container may have when the site says nothing. */
const SHARE_OF_MEMORY = 0.8;

const memory: Field<number> = (written) => {
  if (written === 'auto') return Math.floor(totalmem() * SHARE_OF_MEMORY);
  const bytes = parseSize(written);
  if (bytes < LEAST_MEMORY) throw unexpectedValue('auto, no, or a size of at least 64MB', written);
  return bytes;
};

const instance: Field<string> = (written) => {
  if (/^[A-Za-z0-9_]+$/.test(written)) return written;
  throw unexpectedValue('all or the id of one instance', written);
};

const formatNames: Field<string[]> = (written) => {
  const names = list(written, undefined);
  for (const name of names) {
    if (!FORMAT_NAME.test(name)) throw unexpectedValue('names of formats', name);
  }
  return names;
};

/** What a format may be called in `[format:<name>]` and `FATBUILDR_FORMAT_<NAME>_<KEY>`. */
export const FORMAT_NAME = /^[a-z][a-z0-9]*$/;

/**
 * Every section and key. In files and environment variables the names are spelled with underscores:
 * `idleExit` is `idle_exit`. The defaults are those of the vendor file, which sets every key.
 */
export const SECTIONS: { readonly [S in keyof Sections]: Fields<Sections[S]> } = {
  dirs: { instances: path, registry: path, cache: path, tmp: path, state: path, run: path },
  daemon: {
    debug: flag,
    fulldebug: flag,
    idleExit: orNo(parseTimer),
    concurrency: integer(1, 256),
    stopTimeout: orNo(parseTimer),
    logFormat: oneOf('text', 'json'),
    bus,
  },
  web: {
    debug: flag,
    host: text,
    port: integer(0, 65_535),
    instance,
    listing: flag,
    vendorTemplates: path,
    templates: path,
    static: path,
    vendorPolicy: path,
    policy: path,
    maxUpload: parseSize,
    prefix: pathPrefix,
    trustedProxies: networks,
  },
  images: { storage: path, defs: path, formats: optional(formatNames) },
  registry: {
    conf: path,
    validity: orNo(parseInterval),
    // registries.md: by-hash keeps at least the three newest.
    retain: integer(3, 1000),
    url: optional(url('http', 'https')),
  },
  tasks: {
    workspaces: path,
    purge: checked(parsePurge),
    hook: optional(path),
    timeLimit: orNo(parseTimer),
    prescriptTimeLimit: orNo(parseTimer),
    terminalGrace: orNo(parseTimer),
    maxOutput: orNo(parseSize),
    keepFailed: orNo(parseInterval),
    keepFree: orNo(parseSize),
  },
  containers: { engine, maxMemory: orNo(memory), maxProcesses: orNo(integer(64, 4_194_304)) },
  queue: { redis: optional(url('redis', 'rediss')) },
  database: { url: optional(url('postgres', 'postgresql')) },
  keyring: {
    storage: path,
    type: oneOf('rsa', 'ed25519'),
    size: integer(2048, 8192),
    expires: parseDuration,
  },
  tokens: {
    storage: path,
    duration: integer(1, 36_500),
    algorithm: oneOf('HS256', 'HS384', 'HS512'),
    audience: text,
  },
  sources: {
    timeout: parseTimer,
    maxSize: parseSize,
    maxUnpacked: parseSize,
    maxEntries: integer(1, 100_000_000),
  },
};

/**
 * The keys of a `[format:<name>]` section, all of them optional. Templates (`{{ … }}`) in them are kept
 * as they are, for whoever renders them.
 */
export const FORMAT_FIELDS: Fields<FormatConfiguration> = {
  tool: optional(text),
  image: optional(text),
  envDefaultMirror: optional(text),
  envDefaultComponents: optional(text),
  envDefaultModules: list,
  envKeys: optional(path),
  prescriptDeps: list,
};

/** `idleExit` → `idle_exit`: the spelling of a key in files. */
export function iniName(property: string): string {
  return property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
