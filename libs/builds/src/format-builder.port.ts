import type { ChangelogEntry } from '@fatbuildr/protocol';
import type { ArtifactVersion, DefinitionValue, FormatRules } from '@fatbuildr/artifacts';
import type { Instance, Pipeline } from '@fatbuildr/instances';
import type { TaskContext } from '@fatbuildr/tasks';
import type { BuildTask } from './build-task';
import type { PrescriptRequest, PrescriptWork } from './prescript/prescript-session';

/** A patch of the definition that applies to this build, in the order of application. */
export interface BuildPatch {
  /** File name, unique within the build. */
  name: string;
  content: Buffer;
}

/** An upstream archive, verified and in the cache or workspace. */
export interface BuildSource {
  id: string;
  version: string;
  /** Absolute path. */
  archive: string;
  /** Of a supplementary source: its place in the tree of the main one, a single path component. */
  folder?: string;
}

/** What the format's section of a definition holds. */
export type FormatParameters = Readonly<Record<string, DefinitionValue>>;

/** A rendered definition, as far as it is known before anything is fetched. */
export interface PackagingRequest {
  pipeline: Pick<Pipeline, 'distribution'>;
  derivative: string;
  artifact: string;
  /** With distribution tag and, for a rebuild, build number. */
  version: ArtifactVersion;
  /** The first one is the main source; none for a format that takes none. */
  sources: readonly BuildSource[];
  parameters: FormatParameters;
  /** Folder with the rendered packaging files of the format (`deb/`, `rpm/` …). */
  packaging: string;
  patches: readonly BuildPatch[];
  /** Newest first; the first entry is the one of this build. */
  changelog: readonly ChangelogEntry[];
}

/** What a format needs to make a source package. */
export interface SourceRequest extends PackagingRequest {
  context: BuildTask;
  instance: Instance;
  pipeline: Pipeline;
  /** Empty folder that receives the files of the source package. */
  results: string;
}

export interface SourcePackage {
  /** Absolute paths, the describing file (.dsc, .src.rpm) first. */
  files: readonly string[];
  /** Architecture-independent: built once, on the first architecture. */
  independent: boolean;
}

export interface BinaryRequest {
  context: BuildTask;
  instance: Instance;
  pipeline: Pipeline;
  derivative: string;
  artifact: string;
  parameters: FormatParameters;
  source: SourcePackage;
  /** Normalized, for example `x86_64`. */
  architecture: string;
  /** Whether packages of all architectures (`noarch`) are built along. */
  withIndependent: boolean;
  /** Folder that receives the built files. */
  results: string;
}

/** What a format says of definitions; it can be asked where nothing can be built. */
export interface FormatDefinition extends FormatRules {
  readonly name: string;
  /** `false`: it builds of the definition alone, and no source is fetched. */
  readonly takesSources?: false;
  /** Each refuses packaging that cannot be built, as the build does. */
  readonly checks: readonly ((request: PackagingRequest) => unknown)[];
  /** Files of a new definition, by their paths in it, that build what has a `make install`. */
  skeleton(request: SkeletonRequest): Readonly<Record<string, string>>;
}

/** What a new definition is of. */
export interface SkeletonRequest {
  artifact: string;
  /** `Name <address>` of who maintains it. */
  maintainer: string;
  /** Upstream's page or archive; `undefined` for local sources. */
  homepage: string | undefined;
}

/** Makes the packages of one format; registers itself with `FormatBuilders`. */
export interface FormatBuilder {
  readonly format: string;
  /** What the section of the format in a definition may and must hold. */
  readonly definitionRules: FormatRules;
  /** `false`: it builds of the definition alone, and no source is fetched. */
  readonly takesSources?: false;
  /** The setting that stands in the way of `keep`; `undefined` where commands run by `executeIn`. */
  readonly keepsNone?: string | undefined;
  /** Top-level folders of upstream that the format leaves out, as the definition has its own. */
  readonly droppedFolders?: readonly string[];
  /** Refuses early what cannot work: a missing image, a missing environment. */
  prepare(request: {
    instance: Instance;
    pipeline: Pipeline;
    architectures: readonly string[];
  }): Promise<void>;
  /** Opens a session in the build environment for a prescript; without it the format runs none. */
  inPrescriptSession?(request: PrescriptRequest, work: PrescriptWork): Promise<void>;
  source(request: SourceRequest): Promise<SourcePackage>;
  /** @returns absolute paths of the files to publish. */
  binary(request: BinaryRequest): Promise<readonly string[]>;
  /** Ends what it began in the background, for a build that failed; never fails itself. */
  drop(task: string): Promise<void>;
  /**
   * Gives back what a build holds of the host for files in its scratch folder, when a killed daemon could not.
   * Its containers are gone.
   */
  readonly release?: (scratch: string) => Promise<void>;
  /** Lint and content listing, into the journal; never fails the build for what they find. */
  checks(request: {
    context: TaskContext;
    instance: Instance;
    pipeline: Pipeline;
    files: readonly string[];
    results: string;
  }): Promise<void>;
}
