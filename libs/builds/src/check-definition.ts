import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  ArtifactVersion,
  examineDefinition,
  lineOfKey,
  loadPrescript,
  loadPrescriptLock,
  MAIN_DERIVATIVE,
  packDefinition,
  placeSupplements,
  readDefinitionFile,
  unpackDefinition,
  type ArtifactDefinition,
} from '@fatbuildr/artifacts';
import { FatbuildrError } from '@fatbuildr/errors';
import { findingOf, type Finding } from './definition-finding';
import { doubtsOf } from './definition-doubts';
import type { BuildSource, FormatDefinition } from './format-builder.port';
import { renderDefinition } from './render-definition';

/** What a definition may be built for. */
export interface CheckTarget {
  format: string;
  derivative: string;
  /** `undefined`: any. */
  distribution?: string;
  tag?: string;
}

export interface CheckRequest {
  /** Of the definition. */
  folder: string;
  artifact: string;
  /** That are known here. */
  formats: readonly FormatDefinition[];
  /** Those of them that the definition declares are checked; a format without any is checked for none in particular. */
  targets: readonly CheckTarget[];
  /** A folder for copies; it is the caller's to remove. */
  scratch: string;
}

/**
 * Everything a build would refuse a definition for that can be told without sources, network and engine: the
 * definition takes the steps of a build up to there, once for each target. What hardly can be meant becomes
 * a warning.
 */
export async function checkDefinition(request: CheckRequest): Promise<Finding[]> {
  const { folder, artifact, formats } = request;
  const rules = Object.fromEntries(formats.map((format) => [format.name, format]));
  const { definition, faults } = await examineDefinition(folder, artifact, rules);
  const check = new DefinitionCheck(request, definition?.file);
  for (const fault of faults) check.add('error', fault);
  if (definition !== undefined) {
    for (const doubt of await doubtsOf(definition, formats)) check.add('warning', doubt);
    await check.attempt(undefined, () => check.build(definition));
  }
  return check.located();
}

class DefinitionCheck {
  /** By themselves: what is wrong for one target mostly is for the others. */
  private readonly findings = new Map<string, Finding>();
  private readonly copy: string;

  constructor(
    private readonly request: CheckRequest,
    private readonly file = '',
  ) {
    this.copy = join(request.scratch, 'definition');
  }

  add(severity: Finding['severity'], fault: FatbuildrError, format?: string): void {
    const found = findingOf(severity, fault, [this.request.folder, this.copy], format);
    const finding = { ...found, file: found.file || this.file };
    this.findings.set(JSON.stringify(finding), finding);
  }

  async attempt<T>(format: string | undefined, step: () => T): Promise<Awaited<T> | undefined> {
    try {
      return await step();
    } catch (fault) {
      if (!(fault instanceof FatbuildrError)) throw fault;
      this.add('error', fault, format);
      return undefined;
    }
  }

  /** As it is submitted, unpacked and built. */
  async build(definition: ArtifactDefinition): Promise<void> {
    const { folder, scratch } = this.request;
    const archive = join(scratch, 'definition.tar.gz');
    await mkdir(scratch, { recursive: true });
    await packDefinition(folder, archive);
    for (const target of this.targetsOf(definition)) {
      await rm(this.copy, { recursive: true, force: true });
      await unpackDefinition(archive, this.copy);
      await this.attempt(target.format, () => this.buildFor(target, definition));
    }
  }

  /** With the lines of keys. */
  async located(): Promise<Finding[]> {
    const findings = [...this.findings.values()];
    if (findings.every(({ key }) => key === undefined)) return findings;
    const { text } = await readDefinitionFile(this.request.folder);
    return findings.map((one) =>
      one.key === undefined ? one : { ...one, line: one.line ?? lineOfKey(text, one.key) },
    );
  }

  private targetsOf(definition: ArtifactDefinition): CheckTarget[] {
    const { formats, targets } = this.request;
    // Refuses a definition without version or format, as any build would.
    if (definition.derivatives.length === 0) definition.versions(MAIN_DERIVATIVE);
    if (definition.formats.length === 0) throw noFormat(definition.file, formats);
    const known = formats.filter(({ name }) => definition.formats.includes(name));
    return known.flatMap(({ name: format }) => {
      const wanted = targets.filter(
        (target) => target.format === format && definition.derivatives.includes(target.derivative),
      );
      return wanted.length > 0
        ? wanted
        : definition.derivatives.map((derivative) => ({ format, derivative }));
    });
  }

  private async buildFor(
    { format, derivative, distribution, tag }: CheckTarget,
    definition: ArtifactDefinition,
  ): Promise<void> {
    const { name: artifact } = definition;
    const rules = this.request.formats.find(({ name }) => name === format)!;
    const packaging = join(this.request.scratch, 'packaging');
    const sources = rules.takesSources === false ? [] : await sourcesOf(definition, derivative);
    const version = ArtifactVersion.of({
      main: definition.version(derivative),
      release: definition.release(format),
      dist: tag,
    });
    await rm(packaging, { recursive: true, force: true });
    const patches = await renderDefinition(
      { definition: this.copy, packaging, format, distribution, version, sources },
      () => undefined,
      (fault) => this.add('error', fault, format),
    );
    await this.attempt(format, () =>
      loadPrescript(this.copy, { format, distribution: distribution ?? '' }),
    );
    await this.attempt(format, () => loadPrescriptLock(this.copy));
    const entry = { version: version.full, author: 'A <a@localhost>', date: 0, changes: ['B'] };
    const request = {
      ...{ artifact, derivative, version, sources, packaging, patches, changelog: [entry] },
      pipeline: { distribution: distribution ?? 'any' },
      parameters: definition.formatParameters(format),
    };
    for (const check of rules.checks) await this.attempt(format, () => check(request));
  }
}

/** As they are when they have been fetched, or handed over where the definition has no URL for them. */
async function sourcesOf(
  definition: ArtifactDefinition,
  derivative: string,
): Promise<BuildSource[]> {
  const declared = await definition.sources(derivative);
  const sources = [...definition.versions(derivative)].map(([id, version]) => {
    const { filename = `${id}_${version}.tar.xz` } = declared.find((one) => one.id === id) ?? {};
    return { id, version, archive: filename };
  });
  return placeSupplements(sources);
}

function noFormat(file: string, formats: readonly FormatDefinition[]): FatbuildrError {
  const known = formats.map(({ name }) => name).join(', ');
  const reason = `it declares no format to be built for, known are: ${known}`;
  return new FatbuildrError('ARTIFACT.UNKNOWN_FORMAT', reason, { file, reason });
}
