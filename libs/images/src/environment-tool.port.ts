import type { ImageDescription } from '@fatbuildr/containers';
import type { Instance, Pipeline } from '@fatbuildr/instances';
import type { ShellParameters } from '@fatbuildr/protocol';
import type { TaskContext } from '@fatbuildr/tasks';

export interface FormatImageRequest {
  context: TaskContext;
  instance: Instance;
  /** The name the image gets once it is complete; an image of that name stays until then. */
  name: string;
  /** For the image. */
  labels: Readonly<Record<string, string>>;
}

export interface FormatImageShell extends FormatImageRequest {
  shell: ShellParameters;
}

/** Makes the image with the tools of one format; registers itself with `ImageFormats`. */
export interface FormatImageSource {
  readonly format: string;
  create(request: FormatImageRequest): Promise<void>;
  /** Brings the existing image up to date. */
  update(request: FormatImageRequest): Promise<void>;
  /** Runs a shell in the existing image, which keeps what was done when the shell ends well. */
  shell(request: FormatImageShell): Promise<void>;
}

export interface EnvironmentRequest {
  context: TaskContext;
  instance: Instance;
  environment: string;
  /** Normalized, for example `x86_64`. */
  architecture: string;
  /** Those that build in the environment, at least one: the first decides mirror and components. */
  pipelines: readonly Pipeline[];
  /** Name of the format's image, which exists. */
  formatImage: string;
  /** Image name that is the environment's own, for tools whose environment is an image. */
  name: string;
  /** For that image. */
  labels: Readonly<Record<string, string>>;
}

/** Which environment is meant. */
export type EnvironmentPlace = Pick<
  EnvironmentRequest,
  'instance' | 'environment' | 'architecture'
>;

/** For which task something is done with an environment. */
export type EnvironmentUse = EnvironmentPlace & Pick<EnvironmentRequest, 'context'>;

export interface EnvironmentShell extends EnvironmentRequest {
  shell: ShellParameters;
}

/** One way a format makes and keeps its build environments, chosen by `[format:<name>] tool`. */
export interface EnvironmentTool {
  readonly format: string;
  readonly tool: string;
  /** Makes the environment, or makes it anew. */
  create(request: EnvironmentRequest): Promise<void>;
  /** Brings the existing environment up to date. */
  update(request: EnvironmentRequest): Promise<void>;
  /** Runs a shell in a copy of the existing environment, which stays as it is. */
  shell(request: EnvironmentShell): Promise<void>;
  /** @returns `undefined` when the environment does not exist */
  find(
    request: EnvironmentPlace & Pick<EnvironmentRequest, 'name'>,
  ): Promise<ImageDescription | undefined>;
}
