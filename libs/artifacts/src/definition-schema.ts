import { closest, distance } from 'fastest-levenshtein';
import { z } from 'zod';
import { badDefinition } from './artifacts.errors';
import { attempt, type Faults } from './definition-faults';

/** Values of a definition file: every scalar is text, so that `1.10` and `0012` stay what they are. */
export type DefinitionValue =
  string | readonly DefinitionValue[] | { readonly [key: string]: DefinitionValue };

/** What a format asks of its section; given by the format's plug-in. */
export interface FormatRules {
  /** Without it `release` must be declared. */
  defaultRelease?: string;
  /** Keys besides `release`. */
  parameters: readonly string[];
}

export const KEYS = [
  'source',
  'sources',
  'tarball',
  'version',
  'versions',
  'derivatives',
  'checksums',
];
/** What names and values look like; the JSON Schema of the file says the same. */
export const PATTERNS = {
  format: /^[a-z][a-z0-9]*$/,
  source: /^[A-Za-z0-9][A-Za-z0-9+._-]*$/,
  derivative: /^[A-Za-z0-9][A-Za-z0-9._-]*$/,
  release: /^[A-Za-z0-9][A-Za-z0-9.~+]*$/,
  version: /^(?:\d+:)?[A-Za-z0-9][A-Za-z0-9.+~-]*$/,
  url: /^\S(?:.*\S)?$/,
} as const;

const expected =
  (what: string) =>
  (issue: { input?: unknown }): string =>
    `expected ${what}, got ${describe(issue.input)}`;

const text = (what: string, pattern: RegExp, rule: string) =>
  z.string({ error: expected(what) }).regex(pattern, {
    error: (issue) => `expected ${what} (${rule}), got ${describe(issue.input)}`,
  });

const url = text('a URL', PATTERNS.url, 'not empty');
const version = text('a version', PATTERNS.version, 'letters, digits, ".", "+", "~", "-"');
const release = text('a release', PATTERNS.release, 'letters, digits, ".", "~", "+"');

function mapping<T extends z.ZodType>(key: RegExp, keyName: string, value: T, what: string) {
  return z.record(z.string().regex(key, { error: expected(keyName) }), value, {
    error: (issue) =>
      issue.code === 'invalid_key'
        ? `expected ${keyName}, got ${describe(issue.key)}`
        : `expected ${what}, got ${describe(issue.input)}`,
  });
}

/** `X` or, as older files write it, `{version: X}`. */
const versionOrWrapped = z.preprocess((value) => {
  const keys = isMapping(value) ? Object.keys(value) : [];
  return keys.length === 1 && keys[0] === 'version'
    ? (value as Record<string, unknown>).version
    : value;
}, z.unknown());

const versionMap = mapping(
  PATTERNS.source,
  'a source id',
  versionOrWrapped.pipe(version),
  'a mapping',
);

/** Picks one shape by what is there, so that the fault names what is wrong with that shape. */
const versionOrMap = versionOrWrapped.transform((value, context) => {
  const result = isMapping(value) ? versionMap.safeParse(value) : version.safeParse(value);
  if (result.success) return result.data;
  for (const issue of result.error.issues) {
    context.addIssue({ code: 'custom', message: issue.message, path: issue.path, input: value });
  }
  return z.NEVER;
});

const shape = {
  source: url.optional(),
  /** The old name of `source`; a mapping there is the section of a format of that name. */
  tarball: z.preprocess((value) => (isMapping(value) ? undefined : value), url.optional()),
  sources: mapping(PATTERNS.source, 'a source id', url, 'a mapping of source id to URL').optional(),
  version: version.optional(),
  versions: mapping(
    PATTERNS.source,
    'a source id',
    versionOrWrapped.pipe(version),
    'a mapping of source id to version',
  ).optional(),
  derivatives: mapping(
    PATTERNS.derivative,
    'a derivative',
    versionOrMap,
    'a mapping of derivative to version',
  ).optional(),
  /** An empty key, which `fatbuildrctl checksum` fills. */
  checksums: z.preprocess(
    (value) => (value === '' ? undefined : value),
    z
      .custom<Record<string, DefinitionValue>>(isMapping, {
        error: expected('a mapping of version to checksums'),
      })
      .optional(),
  ),
};

const schema = z.looseObject(shape, { error: expected('a mapping') });

/** The file's keys with their shapes checked; what they mean together is the loader's to say. */
export interface DefinitionShape {
  source: string | undefined;
  tarball: string | undefined;
  sources: Readonly<Record<string, string>> | undefined;
  version: string | undefined;
  versions: Readonly<Record<string, string>> | undefined;
  derivatives: Readonly<Record<string, string | Record<string, string>>> | undefined;
  checksums: Readonly<Record<string, DefinitionValue>> | undefined;
  formats: ReadonlyMap<string, Readonly<Record<string, DefinitionValue>>>;
}

/**
 * Checks the shape of a definition. A mapping under a key of its own is a format's section; one that
 * has no rules here (a format this installation lacks) is kept as it is.
 *
 * @param faults receives an `ARTIFACT.BAD_DEFINITION` for each key that is wrong
 * @returns `undefined` when no key can be relied on
 */
export function checkDefinitionShape(
  file: string,
  value: unknown,
  rules: Readonly<Record<string, FormatRules>>,
  faults: Faults,
): DefinitionShape | undefined {
  const parsed = schema.safeParse(value);
  for (const issue of parsed.error?.issues ?? []) {
    faults.push(badDefinition(file, issue.path.join('.'), issue.message));
  }
  if (!isMapping(value)) return undefined;
  const formats = new Map<string, Readonly<Record<string, DefinitionValue>>>();
  for (const [key, section] of Object.entries(value)) {
    const isSection = !KEYS.includes(key) || (key === 'tarball' && isMapping(section));
    const checked = isSection
      ? attempt(faults, () => formatSection(file, key, section, rules))
      : undefined;
    if (checked !== undefined) formats.set(key, checked);
  }
  if (!parsed.success) return undefined;
  const { data } = parsed;
  return {
    source: data.source,
    tarball: data.tarball,
    sources: data.sources,
    version: data.version,
    versions: data.versions,
    derivatives: data.derivatives,
    checksums: data.checksums,
    formats,
  };
}

function formatSection(
  file: string,
  key: string,
  section: unknown,
  rules: Readonly<Record<string, FormatRules>>,
): Readonly<Record<string, DefinitionValue>> {
  const rule = Object.hasOwn(rules, key) ? rules[key] : undefined;
  // An empty section (`osi:`) says the same as `{}`.
  const parameters = section === '' ? {} : section;
  if (rule === undefined) {
    const known = [...KEYS, ...Object.keys(rules)];
    const near = closest(key, known);
    // A transposition ("rmp") counts as two changes, as many as short names have in common.
    const misspelt = key !== near && distance(key, near) <= (near.length > 4 ? 2 : 1);
    if (!isMapping(parameters) || misspelt || !PATTERNS.format.test(key)) {
      throw badDefinition(file, key, `unknown key, the closest known key is "${near}"`);
    }
  }
  if (!isMapping(parameters)) {
    throw badDefinition(file, key, `expected a mapping, got ${describe(parameters)}`);
  }
  if (rule !== undefined) {
    const known = ['release', ...rule.parameters];
    for (const name of Object.keys(parameters)) {
      if (!known.includes(name)) {
        const near = closest(name, known);
        throw badDefinition(
          file,
          `${key}.${name}`,
          `unknown key, the closest known key is "${near}"`,
        );
      }
    }
  }
  if (parameters.release !== undefined) {
    const checked = release.safeParse(parameters.release);
    if (!checked.success) {
      throw badDefinition(file, `${key}.release`, checked.error.issues[0]!.message);
    }
  } else if (rule !== undefined && rule.defaultRelease === undefined) {
    throw missingRelease(file, key);
  }
  return parameters;
}

export function missingRelease(file: string, format: string) {
  return badDefinition(file, `${format}.release`, 'expected a release, it is missing');
}

export function isMapping(value: unknown): value is Record<string, DefinitionValue> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function describe(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (value === '') return 'empty text';
  if (typeof value === 'string')
    return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (Array.isArray(value)) return 'a list';
  return 'a mapping';
}
