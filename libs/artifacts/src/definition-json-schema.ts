import { DIGITS } from './definition-checksums';
import { PATTERNS, type FormatRules } from './definition-schema';

/** Editors read scalars with their types, where we take them all for text. */
const scalar = (pattern: RegExp, description?: string) => ({
  type: ['string', 'number'],
  pattern: pattern.source,
  ...(description === undefined ? {} : { description }),
});

const mapping = (names: RegExp, values: object, description?: string) => ({
  type: 'object',
  propertyNames: { pattern: names.source },
  additionalProperties: values,
  ...(description === undefined ? {} : { description }),
});

/**
 * JSON Schema of definition files, for editors: what `loadDefinition` takes is valid. What keys mean together,
 * only it says.
 */
export function definitionJsonSchema(rules: Readonly<Record<string, FormatRules>>) {
  const version = {
    anyOf: [
      scalar(PATTERNS.version),
      {
        type: 'object',
        required: ['version'],
        additionalProperties: false,
        properties: { version: scalar(PATTERNS.version) },
      },
    ],
  };
  const sums = {
    type: 'object',
    minProperties: 1,
    additionalProperties: false,
    patternProperties: Object.fromEntries(
      Object.entries(DIGITS).map(([algorithm, digits]) => [
        `^${anyCase(algorithm)}$`,
        { type: ['string', 'number'], pattern: `^[0-9a-fA-F]{${digits}}$` },
      ]),
    ),
  };
  const url = scalar(
    PATTERNS.url,
    'URL of the archive with {{ version }} in it; URL!NAME names it',
  );
  const formats = Object.entries(rules).map(
    ([name, rule]) => [name, formatSchema(name, rule)] as const,
  );
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Artifact definition of Fatbuildr (artifact.yml)',
    type: 'object',
    properties: {
      source: url,
      sources: mapping(PATTERNS.source, url, 'Source id to URL; the first has the artifact’s name'),
      version: scalar(PATTERNS.version, 'Upstream’s version'),
      versions: mapping(PATTERNS.source, version, 'Source id to version'),
      derivatives: mapping(
        PATTERNS.derivative,
        { anyOf: [version, mapping(PATTERNS.source, version)] },
        'Derivative to version, or to a mapping of source id to version',
      ),
      checksums: {
        type: ['object', 'null'],
        description: 'Version, or source id and version, to sha256 or sha512',
        additionalProperties: {
          anyOf: [sums, { type: 'object', minProperties: 1, additionalProperties: sums }],
        },
      },
      ...Object.fromEntries(formats),
      ...(Object.hasOwn(rules, 'tarball')
        ? { tarball: { anyOf: [url, formatSchema('tarball', rules.tarball!)] } }
        : { tarball: url }),
    },
    additionalProperties: { type: 'object' },
  };
}

function formatSchema(name: string, { defaultRelease, parameters }: FormatRules) {
  const optional = defaultRelease !== undefined;
  return {
    type: optional ? ['object', 'null'] : 'object',
    description: `What is built in the format ${name}`,
    ...(optional ? {} : { required: ['release'] }),
    additionalProperties: false,
    properties: {
      release: scalar(PATTERNS.release, 'Of the package, increased while upstream’s version stays'),
      ...Object.fromEntries(parameters.map((parameter) => [parameter, {}])),
    },
  };
}

/** JSON Schema has no patterns without regard to case. */
const anyCase = (word: string) =>
  word.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
