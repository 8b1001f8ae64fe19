import { FatbuildrError } from '@fatbuildr/errors';
import { badDefinition, badName, missingChecksum, undeclared } from './artifacts.errors';
import { checksumTable, type Checksum, type ChecksumTable } from './definition-checksums';
import { attempt, type Faults } from './definition-faults';
import { parseDefinitionFile, readDefinitionFile } from './definition-file';
import {
  checkDefinitionShape,
  missingRelease,
  type DefinitionShape,
  type DefinitionValue,
  type FormatRules,
} from './definition-schema';
import { versionTable, type VersionTable } from './definition-versions';
import { renderText } from './templates';

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
  const { definition, faults } = await examineDefinition(folder, name, formats);
  const [fault] = faults;
  if (fault !== undefined) throw fault;
  return definition!;
}

/**
 * Loads a definition as `loadDefinition` does, and finds everything that is wrong with its file.
 *
 * @returns the definition when there is no fault
 */
export async function examineDefinition(
  folder: string,
  name: string,
  formats: Readonly<Record<string, FormatRules>>,
): Promise<{ definition: ArtifactDefinition | undefined; faults: Faults }> {
  const faults: Faults = [];
  attempt(faults, () => checkArtifactName(name));
  try {
    const { file, text } = await readDefinitionFile(folder);
    const shape = checkDefinitionShape(file, parseDefinitionFile(file, text), formats, faults);
    const meaning = shape && interpret(file, name, shape, faults);
    if (faults.length === 0 && shape && meaning) {
      const definition = new ArtifactDefinition(name, folder, file, shape, formats, meaning);
      return { definition, faults };
    }
  } catch (fault) {
    if (!(fault instanceof FatbuildrError)) throw fault;
    faults.push(fault);
  }
  return { definition: undefined, faults };
}

/** What the keys of a definition mean together. */
interface DefinitionMeaning {
  urls: ReadonlyMap<string, string>;
  table: VersionTable;
  sums: ChecksumTable;
}

function interpret(
  file: string,
  name: string,
  shape: DefinitionShape,
  faults: Faults,
): DefinitionMeaning | undefined {
  const urls = attempt(faults, () => sourceUrls(file, name, shape));
  if (urls === undefined) return undefined;
  const ids = urls.size === 0 ? [name] : [...urls.keys()];
  const table = attempt(faults, () => versionTable(file, shape, ids));
  const sums = checksumTable(file, shape.checksums ?? {}, ids, faults);
  return table && { urls, table, sums };
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
    meaning: DefinitionMeaning,
  ) {
    this.urls = meaning.urls;
    this.table = meaning.table;
    this.sums = meaning.sums;
  }

  /** For the user's eyes: deprecated spellings. */
  get warnings(): readonly string[] {
    const { shape, sourceIds } = this;
    const oldDerivatives = Object.keys(shape.versions ?? {}).some(
      (key) => !sourceIds.includes(key),
    );
    return [
      ...(this.file === 'meta.yml' ? ['meta.yml is deprecated, rename it to artifact.yml'] : []),
      ...(shape.tarball === undefined ? [] : ['the key "tarball" is deprecated, call it "source"']),
      ...(oldDerivatives
        ? ['derivatives under the key "versions" are deprecated, call it "derivatives"']
        : []),
    ];
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
