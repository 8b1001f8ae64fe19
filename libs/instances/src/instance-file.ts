import { closest } from '@fatbuildr/config';
import { messageOf } from '@fatbuildr/errors';
import { LineCounter, parseDocument } from 'yaml';
import { type InstanceFile, MAIN_DERIVATIVE, type Pipeline } from './instance';
import { checkShape, type InstanceShape, keyPath } from './instance-schema';

/** What an installed format says of itself; the app hands the list of them in. */
export interface FormatDescription {
  name: string;
  /** Whether packages of this format are built in environments, so that a distribution names one. */
  environment: 'required' | 'none';
}

export interface InstanceFileContext {
  /** Of the instance: the name of the file without `.yml`. */
  id: string;
  formats: readonly FormatDescription[];
  /** Normalized architecture of this host. */
  host: string;
}

/** Architectures under the names the kernel and RPM use. */
const ARCHITECTURES = [
  'x86_64',
  'aarch64',
  'armv7l',
  'i686',
  'loongarch64',
  'ppc64le',
  'riscv64',
  's390x',
];

/**
 * Reads the text of an instance file (spec "Instance").
 *
 * @param faults receives everything that is wrong, each `key path: reason` or `line L, column C: reason`
 * @returns `undefined` when there is a fault
 */
export function parseInstanceFile(
  source: string,
  context: InstanceFileContext,
  faults: string[],
): InstanceFile | undefined {
  const found: string[] = [];
  const content = readYaml(source, found);
  const shape = found.length === 0 ? checkShape(content, found) : undefined;
  const file = shape && interpret(shape, context, found);
  faults.push(...found);
  return found.length === 0 ? file : undefined;
}

/** The YAML content with every scalar as text (`tag: 10` is not a number) and without empty keys. */
function readYaml(source: string, faults: string[]): unknown {
  const lines = new LineCounter();
  const document = parseDocument(source, {
    schema: 'failsafe',
    merge: true,
    lineCounter: lines,
    prettyErrors: false,
  });
  // What follows the first syntax fault mostly follows from it.
  const [fault] = document.errors;
  if (fault) {
    const { line, col } = lines.linePos(fault.pos[0]);
    faults.push(`line ${line}, column ${col}: ${fault.message}`);
    return undefined;
  }
  try {
    return withoutEmptyKeys(document.toJS(), []);
  } catch (fault) {
    // Aliases that refer to nothing, or to so much that the content would explode.
    faults.push(`line 1, column 1: ${messageOf(fault)}`);
    return undefined;
  }
}

/** An empty key (`derivatives:`) says as much as an absent one, an empty derivative is one without keys. */
function withoutEmptyKeys(value: unknown, path: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => withoutEmptyKeys(item, path));
  if (typeof value !== 'object' || value === null) return value;
  const entries: [string, unknown][] = [];
  for (const [key, item] of Object.entries(value) as [string, unknown][]) {
    const declares = path.length === 1 && path[0] === 'derivatives';
    if (item !== '') entries.push([key, withoutEmptyKeys(item, [...path, key])]);
    else if (declares) entries.push([key, {}]);
  }
  return Object.fromEntries(entries);
}

/** Checks what the keys mean together. */
function interpret(
  shape: InstanceShape,
  { id, formats, host }: InstanceFileContext,
  faults: string[],
): InstanceFile {
  const { name, gpg, architectures = [] } = shape;
  for (const [index, architecture] of architectures.entries()) {
    if (architecture === host || ARCHITECTURES.includes(architecture)) continue;
    faults.push(
      `architectures[${index}]: unknown architecture "${architecture}", there are: ${ARCHITECTURES.join(', ')}`,
    );
  }
  return {
    id,
    name,
    gpg,
    architectures: [...new Set([host, ...architectures])],
    pipelines: pipelinesOf(shape, formats, faults),
    derivatives: derivativesOf(shape, formats, faults),
  };
}

function pipelinesOf(
  shape: InstanceShape,
  formats: readonly FormatDescription[],
  faults: string[],
): Pipeline[] {
  const pipelines: Pipeline[] = [];
  /** Where each distribution was named first. */
  const places = new Map<string, string>();
  if (Object.keys(shape.formats).length === 0) faults.push('formats: expected at least one format');
  for (const [format, distributions] of Object.entries(shape.formats)) {
    const description = formats.find(({ name }) => name === format);
    if (!description) {
      faults.push(`formats.${format}: ${unknownFormatReason(format, formats)}`);
      continue;
    }
    for (const [index, entry] of distributions.entries()) {
      const place = keyPath(['formats', format, index]);
      if (description.environment === 'required' && entry.env === undefined) {
        faults.push(`${place}.env: missing, ${format} builds in an environment`);
      }
      if (description.environment === 'none' && entry.env !== undefined) {
        faults.push(`${place}.env: ${format} has no build environments, remove the key`);
      }
      const before = places.get(entry.name);
      if (before !== undefined) {
        faults.push(
          `${place}.name: the distribution "${entry.name}" is already declared by ${before}`,
        );
      }
      places.set(entry.name, before ?? place);
      pipelines.push({
        format,
        distribution: entry.name,
        environment: entry.env,
        tag: entry.tag,
        mirror: entry.mirror,
        components: entry.components,
        modules: entry.modules ?? [],
      });
    }
  }
  return pipelines;
}

function derivativesOf(
  shape: InstanceShape,
  formats: readonly FormatDescription[],
  faults: string[],
): InstanceFile['derivatives'] {
  const declared = new Map(Object.entries(shape.derivatives ?? {}));
  const derivatives = new Map<
    string,
    { formats: readonly string[] | undefined; extends: string }
  >();
  for (const [name, derivative] of declared) {
    const place = keyPath(['derivatives', name]);
    const parent = derivative.extends ?? MAIN_DERIVATIVE;
    if (name === MAIN_DERIVATIVE) {
      faults.push(`${place}: every instance has the derivative "main", it cannot be declared`);
    } else if (!/^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(name)) {
      // A component of the registry; "." would read as a nested one.
      faults.push(`${place}: expected a name of letters, digits, "_" and "-"`);
    }
    for (const [index, format] of (derivative.formats ?? []).entries()) {
      if (formats.some((known) => known.name === format)) continue;
      faults.push(`${place}.formats[${index}]: ${unknownFormatReason(format, formats)}`);
    }
    if (parent !== MAIN_DERIVATIVE && !declared.has(parent)) {
      const known = closest(parent, [MAIN_DERIVATIVE, ...declared.keys()]);
      faults.push(
        `${place}.extends: unknown derivative "${parent}", the closest known one is "${known}"`,
      );
    }
    derivatives.set(name, { formats: derivative.formats, extends: parent });
  }
  for (const name of derivatives.keys()) {
    const loop = loopFrom(name, derivatives);
    if (loop) faults.push(`derivatives.${name}.extends: loops: ${loop.join(' → ')}`);
  }
  return derivatives;
}

/** The way from a derivative back to itself; `undefined` when there is none. */
function loopFrom(start: string, derivatives: InstanceFile['derivatives']): string[] | undefined {
  const way = [start];
  let next = derivatives.get(start)?.extends;
  while (next !== undefined && !way.includes(next)) {
    way.push(next);
    next = derivatives.get(next)?.extends;
  }
  return next === start ? [...way, start] : undefined;
}

function unknownFormatReason(format: string, formats: readonly FormatDescription[]): string {
  const names = formats.map(({ name }) => name);
  return `unknown format "${format}", installed are: ${names.join(', ') || 'none'}`;
}
