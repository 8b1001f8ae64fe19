import type { Instance } from '@fatbuildr/instances';
import type { ChangelogEntry, ContentMember, RegistryPlace } from '@fatbuildr/protocol';

/** A file of a package and where it belongs in the registry. */
export interface PackageFile {
  /** Absolute path of the built file. */
  from: string;
  /** Relative to the registry's folder; the format has made sure that it stays inside. */
  path: string;
  /** Bytes. */
  size: number;
  sha256: string;
  sha512: string;
}

/** All a registry keeps of a package, read once from its files. */
export interface PackageRecord {
  name: string;
  /** Normalized: `x86_64`, `noarch`, `src` … */
  architecture: string;
  version: string;
  source: string;
  sourceVersion: string;
  /** Newest first. */
  changelog: ChangelogEntry[];
  content: ContentMember[];
  /** The package's part of the published index; never computed again from the archive. */
  fragment: string;
  files: PackageFile[];
}

/** A part of a distribution's index. */
export interface IndexPart {
  derivative: string;
  architecture: string;
}

/** Names from `from` on and before `before`, each `undefined` for no limit, in the order of their bytes. */
export interface NameRange {
  from: string | undefined;
  before: string | undefined;
}

export interface StageRequest {
  instance: Instance;
  distribution: string;
  /** Those the index must have, even empty: `main` first. */
  derivatives: readonly string[];
  /** Normalized binary architectures the index must have, even empty. */
  architectures: readonly string[];
  /** What clients are served now; `undefined` before the first publication. */
  published: { stamp: string; date: number } | undefined;
  /** The packages in which it differs from the index being served; `undefined`: everything may. */
  changed: readonly (IndexPart & { name: string })[] | undefined;
  /**
   * Fragments of a derivative's packages of these architectures, in the order of the index: by name, then
   * by publication.
   */
  fragments(
    derivative: string,
    architectures: readonly string[],
    names?: NameRange,
  ): Promise<{ name: string; fragment: string }[]>;
}

/** A new index, complete, signed and on disk, which clients do not see yet. */
export interface StagedIndex {
  /** Recognises this index on disk. */
  readonly stamp: string;
  /** Milliseconds since the epoch, never before the date of the index it replaces. */
  readonly date: number;
  /** Makes clients see it, the last act being atomic. */
  switch(): Promise<void>;
  /** Puts back what `switch` replaced, if it did, and removes what was staged. */
  revert(): Promise<void>;
  /** Tidies up after the switch is recorded; may fail without harm. */
  settle(): Promise<void>;
}

/** A place of a registry as its files show it. */
export interface PlaceOnDisk {
  distribution: string;
  derivative: string;
  /** Absolute paths of the files that describe a package each. */
  files: readonly string[];
}

/** Who wants to install from a registry, and what. */
export interface ClientRequest extends RegistryPlace {
  instance: Instance;
  /** Address of the format's folder. */
  uri: string;
  /** Armored public key. */
  key: string;
  /** A package to install; `undefined`: any. */
  package: string | undefined;
}

/** How a client takes packages from a registry. */
export interface ClientSetup {
  /** Where the configuration goes on the client. */
  file: string;
  content: string;
  /** What the client runs afterwards, one command a line. */
  commands: readonly string[];
}

/** How one format lays out, indexes and signs its registry. Registers itself with `RegistryFormats`. */
export interface RegistryFormat {
  readonly format: string;
  /** Negative when `a` is the older version. */
  compareVersions(a: string, b: string): number;
  /**
   * Reads built files, and signs those that are to be published with a signature of their own. Files that
   * belong to a build but are not published are left out.
   *
   * @throws FatbuildrError naming the file that is damaged, or is no file of this format
   */
  read(request: {
    instance: Instance;
    distribution: string;
    derivative: string;
    /** Absolute paths, of files in the registry itself when it is read again. */
    files: readonly string[];
  }): Promise<PackageRecord[]>;
  stage(request: StageRequest): Promise<StagedIndex>;
  /** Whether the index on disk is the one with this stamp and still fits the instance. Must be cheap. */
  isCurrent(
    request: Pick<StageRequest, 'instance' | 'distribution' | 'derivatives' | 'architectures'> & {
      stamp: string;
    },
  ): Promise<boolean>;
  /**
   * When clients stop trusting the index they are served, milliseconds since the epoch; `undefined` when
   * there is none, or it never expires. Must be cheap.
   */
  expiry(instance: Instance, distribution: string): Promise<number | undefined>;
  /** Distributions that have an index on disk. Must be cheap. */
  publishedDistributions(instance: Instance): Promise<string[]>;
  /** What the index on disk lists, for rebuilding the database. */
  scan(instance: Instance, distribution: string): Promise<PlaceOnDisk[]>;
  /** Absent where clients need no configuration. */
  clientSetup?(request: ClientRequest): ClientSetup;
}
