import { FatbuildrError } from '@fatbuildr/errors';
import { LineCounter, parseDocument } from 'yaml';
import { badDefinition, badName, missingChecksum, undeclared } from './artifacts.errors';
import { checksumTable, type Checksum, type ChecksumTable } from './definition-checksums';
import {
  checkDefinitionShape,
  missingRelease,
  type DefinitionShape,
  type DefinitionValue,
  type FormatRules,
} from './definition-schema';
import { versionTable, type VersionTable } from './definition-versions';
import { readInside } from './safe-folder';
import { renderText } from './templates';

/** In the order they are looked for; the last is deprecated. */
const FILES = ['artifact.yml', 'artifact.yaml', 'meta.yml'] as const;
const MAX_BYTES = 1024 * 1024;
const ARTIFACT_NAME = /^[a-z0-9][a-z0-9+.-]+$/;

/** An upstream archive of one derivative. */
export interface DefinedSource {
  id: string;
  version: string;
  url: string;
  /** Name the archive is kept under, a single path component. */
  filename: string;
  /** Empty when the definition declares none: such a source can only be given locally. */
  checksums: readonly Checksum[];
}

/** @throws FatbuildrError `ARTIFACT.BAD_NAME` */
export function checkArtifactName(name: string): string {
  if (!ARTIFACT_NAME.test(name)) throw badName(name);
  return name;
}

/**
 * Loads the definition file of a folder: `artifact.yml`, `artifact.yaml` or, deprecated, `meta.yml`.
 *
 * @param name of the artifact
 * @param formats rules of the formats this installation has; sections of others are kept unchecked
 * @throws FatbuildrError `ARTIFACT.BAD_NAME`, `ARTIFACT.NO_DEFINITION`, `ARTIFACT.BAD_DEFINITION`,
 *   `ARTIFACT.REFUSED_FILE`
 */
export async function loadDefinition(
  folder: string,
  name: string,
  formats: Readonly<Record<string, FormatRules>> = {},
): Promise<ArtifactDefinition> {
  checkArtifactName(name);
  for (const file of FILES) {
    const content = await readInside(folder, file, MAX_BYTES);
    if (content === undefined) continue;
    const warnings =
      file === 'meta.yml' ? ['meta.yml is deprecated, rename it to artifact.yml'] : [];
    const shape = checkDefinitionShape(file, parseYaml(file, content.toString('utf8')), formats);
    return new ArtifactDefinition(name, folder, file, shape, formats, warnings);
  }
  throw new FatbuildrError(
    'ARTIFACT.NO_DEFINITION',
    `folder ${folder} holds no artifact definition, expected one of ${FILES.join(', ')}`,
    { folder },
  );
}

/** A definition as loaded: what it declares, in one shape whatever the spelling. */
export class ArtifactDefinition {
  private readonly urls: ReadonlyMap<string, string>;
  private readonly table: VersionTable;
  private readonly sums: ChecksumTable;

  /** Made by `loadDefinition`. */
  constructor(
    readonly name: string,
    readonly folder: string,
    /** Name of the definition file. */
    readonly file: string,
    private readonly shape: DefinitionShape,
    private readonly rules: Readonly<Record<string, FormatRules>>,
    /** For the user's eyes: deprecated spellings. */
    readonly warnings: readonly string[],
  ) {
    this.urls = sourceUrls(file, name, shape);
    const ids = this.sourceIds;
    this.table = versionTable(file, shape, ids);
    this.sums = checksumTable(file, shape.checksums ?? {}, ids);
  }

  /** Formats the artifact is built for. */
  get formats(): readonly string[] {
    return [...this.shape.formats.keys()];
  }

  /** @throws FatbuildrError `ARTIFACT.UNKNOWN_FORMAT` */
  formatParameters(format: string): Readonly<Record<string, DefinitionValue>> {
    const parameters = this.shape.formats.get(format);
    if (parameters === undefined) throw undeclared('format', this.name, format, this.formats);
    return parameters;
  }

  /** @throws FatbuildrError `ARTIFACT.UNKNOWN_FORMAT`, `ARTIFACT.BAD_DEFINITION` when there is none */
  release(format: string): string {
    const declared = this.formatParameters(format).release;
    if (typeof declared === 'string') return declared;
    const fallback = Object.hasOwn(this.rules, format)
      ? this.rules[format]!.defaultRelease
      : undefined;
    if (fallback === undefined) throw missingRelease(this.file, format);
    return fallback;
  }

  get derivatives(): readonly string[] {
    return [...this.table.keys()];
  }

  /** The main source first. */
  get sourceIds(): readonly string[] {
    return this.urls.size === 0 ? [this.name] : [...this.urls.keys()];
  }

  /**
   * Version of a source, the main one by default.
   *
   * @throws FatbuildrError `ARTIFACT.UNKNOWN_DERIVATIVE`, `ARTIFACT.UNKNOWN_SOURCE`
   */
  version(derivative: string, sourceId: string = this.sourceIds[0]!): string {
    const version = this.versions(derivative).get(sourceId);
    if (version === undefined) throw undeclared('source', this.name, sourceId, this.sourceIds);
    return version;
  }

  /**
   * Source id → version.
   *
   * @throws FatbuildrError `ARTIFACT.UNKNOWN_DERIVATIVE`
   */
  versions(derivative: string): ReadonlyMap<string, string> {
    const versions = this.table.get(derivative);
    if (versions === undefined) {
      throw undeclared('derivative', this.name, derivative, this.derivatives);
    }
    return versions;
  }

  /**
   * Upstream archives of a derivative, the main source first; none when the definition names no URL.
   *
   * @throws FatbuildrError `ARTIFACT.UNKNOWN_DERIVATIVE`, `ARTIFACT.TEMPLATE`, `ARTIFACT.BAD_DEFINITION`
   */
  async sources(derivative: string): Promise<readonly DefinedSource[]> {
    const versions = this.versions(derivative);
    const sources: DefinedSource[] = [];
    for (const [id, template] of this.urls) {
      const version = versions.get(id)!;
      const key = this.shape.sources === undefined ? 'source' : `sources.${id}`;
      const rendered = await renderText(template, { version }, { name: `${this.file}: ${key}` });
      const { url, filename } = splitUrl(this.file, key, rendered);
      sources.push({ id, version, url, filename, checksums: this.declaredChecksums(id, version) });
    }
    return sources;
  }

  /** @throws FatbuildrError `ARTIFACT.UNKNOWN_SOURCE`, `ARTIFACT.NO_CHECKSUM` */
  checksumsOf(sourceId: string, version: string): readonly Checksum[] {
    const versions = this.sums.get(sourceId);
    if (versions === undefined) throw undeclared('source', this.name, sourceId, this.sourceIds);
    const checksums = versions.get(version);
    if (checksums === undefined) {
      throw missingChecksum(this.name, sourceId, version, [...versions.keys()]);
    }
    return checksums;
  }

  private declaredChecksums(sourceId: string, version: string): readonly Checksum[] {
    return this.sums.get(sourceId)?.get(version) ?? [];
  }
}

/** Source id → URL template, the main source first. */
function sourceUrls(file: string, name: string, shape: DefinitionShape): Map<string, string> {
  const spellings = (['source', 'tarball', 'sources'] as const).filter(
    (key) => shape[key] !== undefined,
  );
  if (spellings.length > 1) {
    throw badDefinition(file, spellings[1]!, `"${spellings[0]}" is declared already, keep one`);
  }
  if (shape.sources !== undefined) {
    const first = Object.keys(shape.sources)[0];
    if (first !== name) {
      throw badDefinition(
        file,
        'sources',
        `expected the artifact's name "${name}" as the first source id, got ${first === undefined ? 'nothing' : `"${first}"`}`,
      );
    }
    return new Map(Object.entries(shape.sources));
  }
  const single = shape.source ?? shape.tarball;
  return new Map(single === undefined ? [] : [[name, single]]);
}

/** `URL!name`, or the last component of the URL's path. */
function splitUrl(file: string, key: string, text: string): { url: string; filename: string } {
  const mark = text.lastIndexOf('!');
  const address = mark < 0 ? text : text.slice(0, mark);
  if (!URL.canParse(address)) throw badDefinition(file, key, `"${address}" is no URL`);
  const filename = mark < 0 ? new URL(address).pathname.split('/').at(-1)! : text.slice(mark + 1);
  if (!/^[A-Za-z0-9%_~+@,=-][A-Za-z0-9%._~+@,=:-]*$/.test(filename) || filename.length > 200) {
    throw badDefinition(
      file,
      key,
      `"${filename}" cannot name the archive, append a file name to the URL: URL!name.tar.gz`,
    );
  }
  return { url: address, filename };
}

function parseYaml(file: string, content: string): unknown {
  const lines = new LineCounter();
  const document = parseDocument(content, {
    // Text only: with types "1.10" would become the number 1.1.
    schema: 'failsafe',
    merge: true,
    lineCounter: lines,
    prettyErrors: false,
  });
  const fault = document.errors[0];
  if (fault !== undefined) {
    const { line, col } = lines.linePos(fault.pos[0]);
    const [key] = /^(?:"[^"]*"|'[^']*'|[^\s:,]*)/.exec(content.slice(fault.pos[0])) ?? [];
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
