import type {
  Artifact,
  BuildSubmission,
  ChangelogEntry,
  ContentMember,
  InstanceDescription,
  KeyringDescription,
  ShellParameters,
  StepEstimate,
  TaskDescription,
  TokenDescription,
} from './structures';
import type { JournalMessage } from './journal-codec';
import type { TaskFilter } from './task-filter';

/** The coordinates of a registry listing. */
export interface RegistryPlace {
  format: string;
  distribution: string;
  derivative: string;
}

/** What a person sends to an interactive task; output of no bytes ends the input of one without terminal. */
export type TypedMessage = Extract<JournalMessage, { command: 'output' | 'window-size' }>;

/** Somebody at the console of an interactive task. */
export interface TaskPerson {
  /** @param send resolves when the message is on its way, and never rejects: who is gone hears nothing */
  connected(send: (message: TypedMessage) => Promise<void>): void;
  /** What is sent from here on goes nowhere. */
  disconnected(): void;
}

/**
 * Everything a user can ask of one instance, whatever the transport. Queries answer at once; a change
 * answers the id of the task that makes it. Faults are `FatbuildrError`s.
 */
export interface FatbuildrClient {
  instance(): Promise<InstanceDescription>;
  instances(): Promise<InstanceDescription[]>;

  pipelinesFormats(): Promise<string[]>;
  pipelinesArchitectures(): Promise<string[]>;
  pipelinesFormatDistributions(format: string): Promise<string[]>;
  pipelinesDistributionFormat(distribution: string): Promise<string>;
  /** `undefined` where the distribution has no build environment (OS images). */
  pipelinesDistributionEnvironment(distribution: string): Promise<string | undefined>;
  pipelinesDistributionDerivatives(distribution: string): Promise<string[]>;
  pipelinesDerivativeFormats(derivative: string): Promise<string[]>;

  queue(): Promise<TaskDescription[]>;
  /** The running task that was submitted first. */
  running(): Promise<TaskDescription | undefined>;
  /** All running tasks, in the order of their submission. */
  runningTasks(): Promise<TaskDescription[]>;
  history(limit: number): Promise<TaskDescription[]>;
  /** Tasks in any state, the one submitted last first. */
  searchTasks(filter: TaskFilter): Promise<TaskDescription[]>;
  /** Removes the finished tasks that the policy of the daemon does not keep. */
  historyPurge(): Promise<string>;
  task(id: string): Promise<TaskDescription>;
  /** How long the steps of a task usually take, by earlier ones like it; empty when there were none. */
  taskEstimate(id: string): Promise<StepEstimate[]>;
  /** What the prescript of a finished build fetched, as the text of a `prescript.lock`. */
  taskPrescriptLock(id: string): Promise<string>;
  /**
   * Ends a pending or running task before its time.
   *
   * @returns whether it has ended; `false` for a running one, which ends as soon as it can
   */
  taskCancel(id: string): Promise<boolean>;
  /** Submits a finished task again; the new task names the old one. */
  taskRetry(id: string): Promise<string>;
  /**
   * The task's journal from its start; ends with its last record. Aborting leaves the task running.
   *
   * @param person takes part in an interactive task while it runs
   */
  watch(
    task: TaskDescription,
    signal?: AbortSignal,
    person?: TaskPerson,
  ): AsyncIterable<JournalMessage>;

  registryFormats(): Promise<string[]>;
  registryDistributions(format: string): Promise<string[]>;
  registryDerivatives(format: string, distribution: string): Promise<string[]>;
  artifacts(place: RegistryPlace): Promise<Artifact[]>;
  /** Artifacts whose name contains the text, in every registry of the instance. */
  search(text: string): Promise<(RegistryPlace & { artifact: Artifact })[]>;
  artifactBinaries(place: RegistryPlace, source: string): Promise<Artifact[]>;
  artifactSource(place: RegistryPlace, binary: string): Promise<Artifact>;
  changelog(
    place: RegistryPlace,
    architecture: string,
    artifact: string,
  ): Promise<ChangelogEntry[]>;
  artifactContent(
    place: RegistryPlace,
    architecture: string,
    artifact: string,
  ): Promise<ContentMember[]>;
  artifactDelete(place: RegistryPlace, artifact: Artifact): Promise<string>;
  registryReindex(format: string): Promise<string>;

  build(submission: BuildSubmission): Promise<string>;
  /** In the container that is kept of a failed build. */
  buildShell(task: string, shell: ShellParameters): Promise<string>;
  /** A fresh path the client may write an archive to before it submits it. */
  uploadPath(filename: string): Promise<string>;

  keyring(): Promise<KeyringDescription>;
  keyringExport(): Promise<string>;
  keyringCreate(): Promise<string>;
  keyringRenew(duration: string): Promise<string>;

  imageCreate(format: string, force: boolean): Promise<string>;
  imageUpdate(format: string): Promise<string>;
  environmentCreate(format: string, environment: string, architecture: string): Promise<string>;
  environmentUpdate(format: string, environment: string, architecture: string): Promise<string>;
  /** The image keeps what was done in it. */
  imageShell(format: string, shell: ShellParameters): Promise<string>;
  /** A copy of the environment, which is thrown away. */
  environmentShell(
    format: string,
    environment: string,
    architecture: string,
    shell: ShellParameters,
  ): Promise<string>;

  /** Issues a token of the user's for the HTTP interface, as long valid as can be. */
  tokenGenerate(): Promise<string>;
  /** The valid tokens the user may know of, newest first. */
  tokens(): Promise<TokenDescription[]>;
  tokenRevoke(id: string): Promise<void>;

  close(): Promise<void>;
}
