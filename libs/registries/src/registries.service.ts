import { Injectable } from '@nestjs/common';
import type { Instance } from '@fatbuildr/instances';
import type { Artifact, ChangelogEntry, ContentMember, RegistryPlace } from '@fatbuildr/protocol';
import {
  unknownArchitecture,
  unknownArtifact,
  unknownDerivative,
  unknownDistribution,
  unknownFormat,
  unknownVersion,
} from './registries.errors';
import type { RegistryPublication } from './registries.entity';
import type { ClientRequest, ClientSetup, RegistryFormat } from './registry-format.port';
import { architecturesOf, artifactOf, compareText, newest, where } from './indexed-packages';
import { RegistryFormats } from './registry-formats';
import { RegistryIndex, type IndexedPackage } from './registry-index';
import { declaredDerivatives } from './registry-layout';
import type { ChangedBy } from './registry-changes';
import { RegistryPublisher } from './registry-publisher';

/** The architecture of sources. */
const SOURCE = 'src';

/**
 * The registries of an instance: what they hold, and every change to them. Faults name what is unknown and
 * what exists (`REGISTRY.UNKNOWN_*`).
 */
@Injectable()
export class RegistriesService {
  constructor(
    private readonly plugins: RegistryFormats,
    private readonly index: RegistryIndex,
    private readonly publisher: RegistryPublisher,
  ) {}

  formats(instance: Instance): string[] {
    return instance.formats.filter((format) => this.plugins.find(format) !== undefined);
  }

  async distributions(instance: Instance, format: string): Promise<string[]> {
    this.formatOf(instance, format);
    const published = await this.index.distinct('distribution', { instance: instance.id, format });
    return [...new Set([...instance.distributions(format), ...published])];
  }

  async derivatives(instance: Instance, format: string, distribution: string): Promise<string[]> {
    const distributions = await this.distributions(instance, format);
    if (!distributions.includes(distribution)) {
      throw unknownDistribution(distribution, format, distributions);
    }
    const where = { instance: instance.id, format, distribution };
    const published = await this.index.distinct('derivative', where);
    const declared = declaredDerivatives(instance, format, distribution);
    return [...new Set([...declared, ...published])];
  }

  /** Another number after every change of a distribution: what was read before may be old. */
  async revision(
    instance: Instance,
    { format, distribution }: Pick<RegistryPlace, 'format' | 'distribution'>,
  ): Promise<number> {
    return this.index.lastPublication({ instance: instance.id, format, distribution });
  }

  /** By name, then architecture, then version. */
  async artifacts(instance: Instance, place: RegistryPlace): Promise<Artifact[]> {
    const format = await this.check(instance, place);
    return sorted(format, await this.index.listing(where(instance, place)));
  }

  /** Artifacts whose name contains the text, in any case, in every registry of the instance. */
  async search(
    instance: Instance,
    text: string,
  ): Promise<(RegistryPlace & { artifact: Artifact })[]> {
    const found: (RegistryPlace & { artifact: Artifact })[] = [];
    // Place by place: the database hands over each name of a place once, not with every row.
    for (const place of await this.index.places(instance.id)) {
      const artifacts = await this.index.listing({ ...place, instance: instance.id }, text);
      const { format, distribution, derivative } = place;
      for (const artifact of artifacts) found.push({ format, distribution, derivative, artifact });
    }
    return found;
  }

  /** Binaries of a source; of its newest version unless one is named. */
  async artifactBinaries(
    instance: Instance,
    place: RegistryPlace,
    source: string,
    version?: string,
  ): Promise<Artifact[]> {
    const format = await this.check(instance, place);
    const rows = await this.index.packages({ ...where(instance, place), source });
    if (rows.length === 0) {
      const sources = await this.names(instance, place, (row) => row.architecture === SOURCE);
      throw unknownArtifact(place, 'source', source, sources);
    }
    const wanted =
      version ?? newest(format, rows, ({ sourceVersion }) => sourceVersion)?.sourceVersion;
    const found = rows.filter((row) => row.architecture !== SOURCE && row.sourceVersion === wanted);
    return sorted(format, found.map(artifactOf));
  }

  /** The source of a binary's newest version. */
  async artifactSource(
    instance: Instance,
    place: RegistryPlace,
    binary: string,
  ): Promise<Artifact> {
    const format = await this.check(instance, place);
    const rows = await this.index.packages({ ...where(instance, place), name: binary });
    const row = newest(
      format,
      rows.filter(({ architecture }) => architecture !== SOURCE),
    );
    if (row === undefined) {
      const binaries = await this.names(instance, place, (one) => one.architecture !== SOURCE);
      throw unknownArtifact(place, 'binary', binary, binaries);
    }
    const source = await this.sourceOf(instance, place, row);
    if (source === undefined) {
      const sources = await this.names(instance, place, (one) => one.architecture === SOURCE);
      throw unknownArtifact(place, 'source', `${row.source} ${row.sourceVersion}`, sources);
    }
    return artifactOf(source);
  }

  /** Newest entry first; of the artifact's newest version. A binary that carries none has its source's. */
  async changelog(
    instance: Instance,
    place: RegistryPlace,
    architecture: string,
    artifact: string,
  ): Promise<ChangelogEntry[]> {
    const row = await this.find(instance, place, architecture, artifact);
    const { changelog } = await this.index.details(row.id);
    if (changelog.length > 0 || architecture === SOURCE) return changelog;
    const source = await this.sourceOf(instance, place, row);
    return source === undefined ? [] : (await this.index.details(source.id)).changelog;
  }

  async content(
    instance: Instance,
    place: RegistryPlace,
    architecture: string,
    artifact: string,
  ): Promise<ContentMember[]> {
    const row = await this.find(instance, place, architecture, artifact);
    return (await this.index.details(row.id)).content;
  }

  /** Versions of a source in a place, oldest first; empty for one that is not published. */
  async publishedVersions(
    instance: Instance,
    place: RegistryPlace,
    source: string,
  ): Promise<string[]> {
    const format = await this.check(instance, place);
    const rows = await this.sources(instance, place, source);
    return rows.map(({ version }) => version).sort((a, b) => format.compareVersions(a, b));
  }

  /** Published versions of an artifact, oldest first. */
  async versions(
    instance: Instance,
    place: RegistryPlace,
    architecture: string,
    artifact: string,
  ): Promise<Artifact[]> {
    const format = await this.check(instance, place);
    const rows = await this.named(instance, place, artifact);
    const found = rows.filter((row) => row.architecture === architecture);
    if (found.length > 0) return sorted(format, found.map(artifactOf));
    throw unknownArchitecture(place, architecture, artifact, architecturesOf(rows));
  }

  /** Changelog of the newest published version of a source, newest entry first; empty without one. */
  async latestChangelog(
    instance: Instance,
    place: RegistryPlace,
    source: string,
  ): Promise<ChangelogEntry[]> {
    const format = await this.check(instance, place);
    const row = newest(format, await this.sources(instance, place, source));
    return row === undefined ? [] : (await this.index.details(row.id)).changelog;
  }

  /** How a client takes packages from a place; `undefined` where it needs no configuration. */
  async clientSetup(request: ClientRequest): Promise<ClientSetup | undefined> {
    return (await this.check(request.instance, request)).clientSetup?.(request);
  }

  /** Who changed a place's distribution, newest first. */
  async publications(
    instance: Instance,
    place: Pick<RegistryPlace, 'format' | 'distribution'>,
  ): Promise<RegistryPublication[]> {
    const { format, distribution } = place;
    await this.derivatives(instance, format, distribution);
    return this.index.publications({ instance: instance.id, format, distribution });
  }

  /**
   * Publishes built files in one step; files already published with the same content are no fault.
   *
   * @param files absolute paths
   * @returns what was not published before
   * @throws FatbuildrError `REGISTRY.ALREADY_PUBLISHED`, `REGISTRY.FILE_CONFLICT` or the format's own
   */
  async publish(
    instance: Instance,
    place: RegistryPlace,
    files: readonly string[],
    by: ChangedBy,
  ): Promise<Artifact[]> {
    const format = await this.check(instance, place);
    const records = await this.publisher.publish(format, instance, place, files, by);
    return records.map(({ name, architecture, version, files: all }) => ({
      name,
      architecture,
      version,
      size: all.reduce((sum, { size }) => sum + size, 0),
    }));
  }

  /** What the deletion of an artifact would remove: lets a caller refuse early what does not exist. */
  async deletion(
    instance: Instance,
    place: RegistryPlace,
    artifact: Pick<Artifact, 'name' | 'architecture' | 'version'>,
  ): Promise<Artifact[]> {
    await this.check(instance, place);
    return (await this.doomed(instance, place, artifact)).map(artifactOf);
  }

  /** Deletes one artifact; with a source go the binaries of that version. @returns what was removed */
  async delete(
    instance: Instance,
    place: RegistryPlace,
    artifact: Pick<Artifact, 'name' | 'architecture' | 'version'>,
    by: ChangedBy,
  ): Promise<Artifact[]> {
    const format = await this.check(instance, place);
    const removed = await this.publisher.delete(
      format,
      instance,
      place,
      () => this.doomed(instance, place, artifact),
      by,
    );
    return removed.map(artifactOf);
  }

  /** Rebuilds rows and indices of a format from the registry's files. */
  async reindex(instance: Instance, format: string, by: ChangedBy): Promise<void> {
    await this.publisher.reindex(this.formatOf(instance, format), instance, by);
  }

  /** Signs every index of the instance again: for a key that was created or renewed. */
  async refresh(instance: Instance, by: ChangedBy): Promise<void> {
    for (const format of this.formats(instance)) {
      await this.publisher.refresh(this.formatOf(instance, format), instance, by);
    }
  }

  /**
   * Signs again what will expire, long before it does (`registry.validity`); cheap when nothing is due. To
   * be called at least four times in the time of validity.
   *
   * @returns `<format> <distribution>` of each index that was signed again
   */
  async resignDue(instance: Instance, by: ChangedBy): Promise<string[]> {
    const signed: string[] = [];
    for (const format of this.formats(instance)) {
      const done = await this.publisher.resignDue(this.formatOf(instance, format), instance, by);
      signed.push(...done.map((distribution) => `${format} ${distribution}`));
    }
    return signed;
  }

  /**
   * To be called at start, before tasks run: completes or takes back what a killed process left between
   * database and index, and follows changes of the instance's derivatives and architectures.
   *
   * @returns `<format> <distribution>` of each index that was written again
   */
  async recover(instance: Instance, by: ChangedBy): Promise<string[]> {
    const mended: string[] = [];
    for (const format of this.formats(instance)) {
      const done = await this.publisher.recover(this.formatOf(instance, format), instance, by);
      mended.push(...done.map((distribution) => `${format} ${distribution}`));
    }
    return mended;
  }

  private formatOf(instance: Instance, format: string): RegistryFormat {
    const plugin = instance.formats.includes(format) ? this.plugins.find(format) : undefined;
    if (plugin === undefined) throw unknownFormat(format, instance.id, this.formats(instance));
    return plugin;
  }

  private async check(instance: Instance, place: RegistryPlace): Promise<RegistryFormat> {
    const format = this.formatOf(instance, place.format);
    const declared = declaredDerivatives(instance, place.format, place.distribution);
    // What is declared needs no look into the database.
    if (declared.includes(place.derivative)) return format;
    const derivatives = await this.derivatives(instance, place.format, place.distribution);
    if (!derivatives.includes(place.derivative)) throw unknownDerivative(place, derivatives);
    return format;
  }

  private async find(
    instance: Instance,
    place: RegistryPlace,
    architecture: string,
    name: string,
  ): Promise<IndexedPackage> {
    const format = await this.check(instance, place);
    const rows = await this.named(instance, place, name);
    const found = newest(
      format,
      rows.filter((row) => row.architecture === architecture),
    );
    if (found !== undefined) return found;
    throw unknownArchitecture(place, architecture, name, architecturesOf(rows));
  }

  private async doomed(
    instance: Instance,
    place: RegistryPlace,
    artifact: Pick<Artifact, 'name' | 'architecture' | 'version'>,
  ): Promise<IndexedPackage[]> {
    const { name, architecture, version } = artifact;
    const rows = await this.named(instance, place, name);
    const built = rows.filter((row) => row.architecture === architecture);
    if (built.length === 0) {
      throw unknownArchitecture(place, architecture, name, architecturesOf(rows));
    }
    const found = built.filter((row) => row.version === version);
    if (found.length === 0) {
      const existing = built.map((row) => row.version);
      throw unknownVersion(place, artifact, existing);
    }
    if (architecture !== SOURCE) return found;
    const family = await this.index.packages({
      ...where(instance, place),
      source: name,
      sourceVersion: version,
    });
    return [...found, ...family.filter((row) => row.architecture !== SOURCE)];
  }

  /** At least one row. */
  private async named(
    instance: Instance,
    place: RegistryPlace,
    name: string,
  ): Promise<IndexedPackage[]> {
    const rows = await this.index.packages({ ...where(instance, place), name });
    if (rows.length > 0) return rows;
    throw unknownArtifact(place, 'artifact', name, await this.names(instance, place));
  }

  private async names(
    instance: Instance,
    place: RegistryPlace,
    keep: (row: IndexedPackage) => boolean = () => true,
  ): Promise<string[]> {
    const rows = await this.index.packages(where(instance, place));
    return [...new Set(rows.filter(keep).map(({ name }) => name))];
  }

  private sources(instance: Instance, place: RegistryPlace, name: string) {
    return this.index.packages({ ...where(instance, place), name, architecture: SOURCE });
  }

  private async sourceOf(instance: Instance, place: RegistryPlace, binary: IndexedPackage) {
    const sources = await this.sources(instance, place, binary.source);
    return sources.find(({ version }) => version === binary.sourceVersion);
  }
}

/** Sorts in place: there may be many. */
function sorted(format: RegistryFormat, artifacts: Artifact[]): Artifact[] {
  return artifacts.sort(
    (a, b) =>
      compareText(a.name, b.name) ||
      compareText(a.architecture, b.architecture) ||
      format.compareVersions(a.version, b.version),
  );
}
