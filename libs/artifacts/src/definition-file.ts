import { FatbuildrError } from '@fatbuildr/errors';
import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node } from 'yaml';
import { badDefinition } from './artifacts.errors';
import { readInside } from './safe-folder';

/** In the order they are looked for; the last is deprecated. */
export const DEFINITION_FILES = ['artifact.yml', 'artifact.yaml', 'meta.yml'] as const;
const MAX_BYTES = 1024 * 1024;

export interface DefinitionFile {
  /** Name in the folder of the definition. */
  file: string;
  text: string;
}

/** @throws FatbuildrError `ARTIFACT.NO_DEFINITION`, `ARTIFACT.REFUSED_FILE` */
export async function readDefinitionFile(folder: string): Promise<DefinitionFile> {
  for (const file of DEFINITION_FILES) {
    const content = await readInside(folder, file, MAX_BYTES);
    if (content !== undefined) return { file, text: content.toString('utf8') };
  }
  throw new FatbuildrError(
    'ARTIFACT.NO_DEFINITION',
    `folder ${folder} holds no artifact definition, expected one of ${DEFINITION_FILES.join(', ')}`,
    { folder },
  );
}

/** A definition file as a document that can be changed without touching the rest of it. */
export function definitionDocument(text: string, lines = new LineCounter()): Document {
  return parseDocument(text, {
    // Text only: with types "1.10" would become the number 1.1.
    schema: 'failsafe',
    merge: true,
    lineCounter: lines,
    prettyErrors: false,
  });
}

/**
 * The content of a definition file, every scalar as text.
 *
 * @throws FatbuildrError `ARTIFACT.BAD_DEFINITION`
 */
export function parseDefinitionFile(file: string, text: string): unknown {
  const lines = new LineCounter();
  const document = definitionDocument(text, lines);
  const fault = document.errors[0];
  if (fault !== undefined) {
    const { line, col } = lines.linePos(fault.pos[0]);
    const [key] = /^(?:"[^"]*"|'[^']*'|[^\s:,]*)/.exec(text.slice(fault.pos[0])) ?? [];
    const reason =
      fault.code === 'DUPLICATE_KEY' ? `the key ${key} is there twice, keep one` : fault.message;
    throw badDefinition(file, '', `line ${line}, column ${col}: ${reason}`);
  }
  try {
    // The cap on aliases stops files that grow without bound when read.
    return document.toJS({ maxAliasCount: 100 });
  } catch (fault) {
    throw badDefinition(file, '', fault instanceof Error ? fault.message : String(fault));
  }
}

/**
 * The line of a key path such as `checksums.1.2.sha256`, whose keys may hold dots; that of what is around it
 * where the key is missing.
 */
export function lineOfKey(text: string, path: string): number | undefined {
  const lines = new LineCounter();
  let node = definitionDocument(text, lines).contents as Node | null | undefined;
  let at: number | undefined;
  for (let rest = path; rest !== '' && node;) {
    const keys: Node[] = isMap(node)
      ? node.items.map(({ key }) => key as Node)
      : isSeq(node)
        ? (node.items as Node[])
        : [];
    const found = keys
      .map((key, index) => ({ key, index, name: isMap(node) ? nameOf(key) : String(index) }))
      .filter(({ name }) => rest === name || rest.startsWith(`${name}.`))
      .sort((one, other) => other.name.length - one.name.length)[0];
    if (found === undefined) break;
    at = found.key.range?.[0];
    node = isMap(node) ? (node.items[found.index]?.value as Node | null) : found.key;
    rest = rest.slice(found.name.length + 1);
  }
  return at === undefined ? undefined : lines.linePos(at).line;
}

const nameOf = (key: Node): string => (isScalar(key) ? String(key.value) : '');
