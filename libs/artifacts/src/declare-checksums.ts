import {
  isMap,
  isScalar,
  parse,
  Scalar,
  type Document,
  type Node,
  type Pair,
  type YAMLMap,
} from 'yaml';
import { badDefinition } from './artifacts.errors';
import { definitionDocument } from './definition-file';

/** A checksum that a definition lacks. */
export interface NewChecksum {
  source: string;
  version: string;
  /** Hexadecimal. */
  sha256: string;
}

/** What a new `checksums` is written behind: the last of them that is there. */
const BEFORE = ['source', 'tarball', 'sources', 'version', 'versions', 'derivatives'];

/**
 * Adds checksums to the text of a definition file; its comments and the order of its keys stay.
 *
 * @param file name, for faults
 * @param bySource whether `checksums` has the ids of sources on top where it is new
 * @throws FatbuildrError `ARTIFACT.BAD_DEFINITION` where there is no place for them
 */
export function declareChecksums(
  file: string,
  text: string,
  added: readonly NewChecksum[],
  bySource: boolean,
): string {
  const nested = sourcesOnTop(definitionDocument(text), bySource);
  return added.reduce((changed, { source, version, sha256 }) => {
    const place = ['checksums', ...(nested ? [source] : []), version, 'sha256'];
    return inserted(changed, place, sha256) ?? rewritten(file, changed, place, sha256);
  }, text);
}

/**
 * The text with lines put in, which leaves all else as it is; `undefined` where they do not fit, as in a
 * mapping in braces.
 */
function inserted(text: string, place: readonly string[], value: string): string | undefined {
  const { contents } = definitionDocument(text);
  let map = contents as Node | null | undefined;
  let depth = 0;
  for (;;) {
    if (!isMap(map) || map.flow === true || map.items.length === 0) return undefined;
    const next = map.items.find((item) => nameOf(item) === place[depth]);
    if (next === undefined) break;
    map = next.value as Node | null;
    depth++;
  }
  const names = map.items.map(nameOf);
  const at =
    depth > 0 ? names.length - 1 : Math.max(...BEFORE.map((name) => names.lastIndexOf(name)));
  const start = (map.items[0]!.key as Node).range![0];
  const column = start - (text.lastIndexOf('\n', start - 1) + 1);
  const missing = place.slice(depth);
  const lines = missing
    .map((name, index) => {
      const end = index === missing.length - 1 ? ` ${value}` : '';
      return `${' '.repeat(column + 2 * index)}${written(name)}:${end}\n`;
    })
    .join('');
  const offset = at < 0 ? start - column : lineAfter(text, map.items[at]!);
  const before = text.slice(0, offset);
  const ended = before === '' || before.endsWith('\n') ? before : `${before}\n`;
  return `${ended}${lines}${text.slice(offset)}`;
}

/** Where the line after an item begins. */
function lineAfter(text: string, { key, value }: Pair): number {
  const end = ((value ?? key) as Node).range![1];
  if (text[end - 1] === '\n') return end;
  const newline = text.indexOf('\n', end);
  return newline < 0 ? text.length : newline + 1;
}

/** As the library writes it, which may move comments. */
function rewritten(file: string, text: string, place: readonly string[], value: string): string {
  const document = definitionDocument(text);
  const root = document.contents;
  if (!isMap(root)) throw badDefinition(file, '', 'expected a mapping');
  let map = tableOf(file, document, root);
  for (const [index, name] of place.slice(1, -1).entries()) {
    map = below(file, document, map, name, place.slice(0, index + 2).join('.'));
  }
  map.set(key(document, place.at(-1)!), document.createNode(value));
  // Long texts are left on their lines.
  return document.toString({ lineWidth: 0 });
}

function tableOf(file: string, document: Document, root: YAMLMap): YAMLMap {
  const present = root.get('checksums');
  if (isMap(present)) return present;
  if (present !== undefined && present !== '') {
    throw badDefinition(file, 'checksums', 'expected a mapping that can be added to');
  }
  root.delete('checksums');
  const table = document.createNode({}) as unknown as YAMLMap;
  table.flow = false;
  const names = root.items.map((item) => nameOf(item));
  const at = Math.max(...BEFORE.map((name) => names.lastIndexOf(name)));
  root.items.splice(at + 1, 0, document.createPair('checksums', table));
  return table;
}

function below(
  file: string,
  document: Document,
  map: YAMLMap,
  name: string,
  path: string,
): YAMLMap {
  const present = map.get(name);
  if (isMap(present)) return present;
  if (present !== undefined) {
    throw badDefinition(file, path, 'expected a mapping that can be added to');
  }
  const made = document.createNode({}) as unknown as YAMLMap;
  made.flow = map.flow === true;
  map.items.push(document.createPair(key(document, name), made));
  return made;
}

function key(document: Document, name: string): Scalar {
  const made = document.createNode(name) as unknown as Scalar;
  if (isOtherwiseRead(name)) made.type = Scalar.QUOTE_SINGLE;
  return made;
}

const written = (name: string) => (isOtherwiseRead(name) ? `'${name}'` : name);

/** Readers with types take it for a number or a truth value. */
const isOtherwiseRead = (name: string) => typeof parse(name) !== 'string';

const nameOf = ({ key: node }: Pair): string => (isScalar(node) ? String(node.value) : '');

/** With mappings two levels deep, the upper keys are sources. */
function sourcesOnTop(document: Document, bySource: boolean): boolean {
  const table = isMap(document.contents) ? document.get('checksums') : undefined;
  if (!isMap(table) || table.items.length === 0) return bySource;
  return table.items.some(
    ({ value }) => isMap(value) && value.items.some((item) => isMap(item.value)),
  );
}
