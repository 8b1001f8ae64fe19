import {
  unknownArchitecture,
  unknownDerivative,
  unknownDistribution,
  unknownFormat,
} from './instances.errors';

/** One pipeline: packages of a format built in an environment for a distribution of the registry. */
export interface Pipeline {
  format: string;
  /** Distribution in the registry. */
  distribution: string;
  /** Build environment; `undefined` for formats without one. */
  environment: string | undefined;
  /** Appended to the release number, for example `deb12`. */
  tag: string | undefined;
  mirror: string | undefined;
  components: string | undefined;
  modules: readonly string[];
}

export interface InstanceFile {
  id: string;
  name: string;
  gpg: { name: string; email: string };
  /** Normalized (`x86_64`, `aarch64` …), the host's own first. */
  architectures: readonly string[];
  pipelines: readonly Pipeline[];
  derivatives: ReadonlyMap<string, { formats: readonly string[] | undefined; extends: string }>;
}

/** The derivative every instance has; what others extend in the end. */
export const MAIN_DERIVATIVE = 'main';

/** One instance with everything that follows from its file. */
export class Instance {
  readonly id: string;
  readonly name: string;
  /** Who signs. */
  readonly gpg: { readonly name: string; readonly email: string };
  /** User id of the signing key, `ACME Packages <packages@acme.example>`. */
  readonly userid: string;
  /** Normalized (`x86_64`, `aarch64` …), the host's own first. */
  readonly architectures: readonly string[];
  /** Names of the formats, in the order of the file. */
  readonly formats: readonly string[];
  readonly pipelines: readonly Pipeline[];
  /** Names of the derivatives, `main` first. */
  readonly derivatives: readonly string[];

  constructor(private readonly file: InstanceFile) {
    this.id = file.id;
    this.name = file.name;
    this.gpg = file.gpg;
    this.userid = `${file.gpg.name} <${file.gpg.email}>`;
    this.architectures = file.architectures;
    this.formats = [...new Set(file.pipelines.map(({ format }) => format))];
    this.pipelines = file.pipelines;
    this.derivatives = [MAIN_DERIVATIVE, ...file.derivatives.keys()];
  }

  /** @throws FatbuildrError `INSTANCES.UNKNOWN_DISTRIBUTION` */
  pipeline(distribution: string): Pipeline {
    const found = this.pipelines.find((pipeline) => pipeline.distribution === distribution);
    if (found) return found;
    const existing = this.pipelines.map((pipeline) => pipeline.distribution);
    throw unknownDistribution(this.id, distribution, existing);
  }

  /**
   * The pipeline of a distribution, if it is one of the format and of the derivative.
   *
   * @throws FatbuildrError `INSTANCES.UNKNOWN_FORMAT`, `…_DISTRIBUTION`, `…_DERIVATIVE`
   */
  requirePipeline(format: string, distribution: string, derivative: string): Pipeline {
    const distributions = this.distributions(format);
    if (!distributions.includes(distribution)) {
      throw unknownDistribution(this.id, distribution, distributions);
    }
    const derivatives = this.distributionDerivatives(distribution);
    if (!derivatives.includes(derivative)) {
      throw unknownDerivative(this.id, derivative, derivatives);
    }
    return this.pipeline(distribution);
  }

  /** @throws FatbuildrError `INSTANCES.UNKNOWN_ARCHITECTURE` */
  requireArchitecture(architecture: string): void {
    if (!this.architectures.includes(architecture)) {
      throw unknownArchitecture(this.id, architecture, this.architectures);
    }
  }

  /** @throws FatbuildrError `INSTANCES.UNKNOWN_FORMAT` */
  distributions(format: string): readonly string[] {
    return this.pipelinesOf(format).map(({ distribution }) => distribution);
  }

  /** @throws FatbuildrError `INSTANCES.UNKNOWN_DISTRIBUTION` */
  distributionFormat(distribution: string): string {
    return this.pipeline(distribution).format;
  }

  /**
   * @returns `undefined` where the format has no build environments
   * @throws FatbuildrError `INSTANCES.UNKNOWN_DISTRIBUTION`
   */
  distributionEnvironment(distribution: string): string | undefined {
    return this.pipeline(distribution).environment;
  }

  /**
   * The derivatives a distribution can be built for, `main` first.
   *
   * @throws FatbuildrError `INSTANCES.UNKNOWN_DISTRIBUTION`
   */
  distributionDerivatives(distribution: string): readonly string[] {
    const format = this.distributionFormat(distribution);
    return this.derivatives.filter((derivative) =>
      this.derivativeFormats(derivative).includes(format),
    );
  }

  /**
   * The formats of a derivative: its own, as far as everything it extends has them too.
   *
   * @throws FatbuildrError `INSTANCES.UNKNOWN_DERIVATIVE`
   */
  derivativeFormats(derivative: string): readonly string[] {
    const chain = this.recursiveDerivatives(derivative);
    return this.formats.filter((format) =>
      chain.every((name) => this.file.derivatives.get(name)?.formats?.includes(format) ?? true),
    );
  }

  /**
   * The derivative, what it extends, … and `main`: the order in which their packages are preferred
   * while building.
   *
   * @throws FatbuildrError `INSTANCES.UNKNOWN_DERIVATIVE`
   */
  recursiveDerivatives(derivative: string): readonly string[] {
    if (derivative === MAIN_DERIVATIVE) return [MAIN_DERIVATIVE];
    const declared = this.file.derivatives.get(derivative);
    if (!declared) throw unknownDerivative(this.id, derivative, this.derivatives);
    return [derivative, ...this.recursiveDerivatives(declared.extends)];
  }

  /**
   * The build environments of a format, each once; none for a format that has none.
   *
   * @throws FatbuildrError `INSTANCES.UNKNOWN_FORMAT`
   */
  environments(format: string): readonly string[] {
    const names = this.pipelinesOf(format).map(({ environment }) => environment);
    return [...new Set(names.filter((name) => name !== undefined))];
  }

  private pipelinesOf(format: string): readonly Pipeline[] {
    const found = this.pipelines.filter((pipeline) => pipeline.format === format);
    if (found.length === 0) throw unknownFormat(this.id, format, this.formats);
    return found;
  }
}
