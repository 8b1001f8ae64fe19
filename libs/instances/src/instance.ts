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
