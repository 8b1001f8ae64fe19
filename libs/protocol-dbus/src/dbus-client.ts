import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type {
  Artifact,
  BuildSubmission,
  ChangelogEntry,
  ContentMember,
  FatbuildrClient,
  InstanceDescription,
  JournalMessage,
  KeyringDescription,
  RegistryPlace,
  ShellParameters,
  StepEstimate,
  TaskDescription,
  TokenDescription,
  TaskFilter,
  TaskPerson,
} from '@fatbuildr/protocol';
import { FatbuildrError } from '@fatbuildr/errors';
import type { Bus } from './bus';
import { BusConnection } from './bus-connection';
import { uploadsClosed } from './dbus-client.errors';
import { INSTANCE_INTERFACE, MANAGER_INTERFACE, MANAGER_PATH } from './names';
import { taskStream } from './task-stream';
import { fromWire, toPartialWire, toWire } from './wire-values';

/** What the daemon answers for a distribution without build environment. */
const NO_ENVIRONMENT = 'none';

/** Speaks to one instance of a daemon over D-Bus (the contract of `org.rackslab.Fatbuildr`). */
export class DbusClient implements FatbuildrClient {
  private readonly uploads: string[] = [];

  private constructor(
    private readonly connection: BusConnection,
    private readonly path: string,
  ) {}

  /**
   * Connects to the daemon on a bus.
   *
   * @throws FatbuildrError `DBUS.NO_DAEMON`, `DBUS.UNREACHABLE`, `DAEMON.UNKNOWN_INSTANCE` …
   */
  static async connect(bus: Bus, instance: string): Promise<DbusClient> {
    const connection = await BusConnection.open(bus);
    try {
      const [path] = await connection.call({
        path: MANAGER_PATH,
        interface: MANAGER_INTERFACE,
        member: 'GetInstance',
        signature: 's',
        body: [instance],
      });
      return new DbusClient(connection, path as string);
    } catch (fault) {
      connection.close();
      throw fault;
    }
  }

  /** Version of the daemon. */
  async version(): Promise<string> {
    return (await this.connection.property(MANAGER_PATH, MANAGER_INTERFACE, 'Version')) as string;
  }

  instance(): Promise<InstanceDescription> {
    return this.property('Instance');
  }

  async instances(): Promise<InstanceDescription[]> {
    const value = await this.connection.property(MANAGER_PATH, MANAGER_INTERFACE, 'Instances');
    return fromWire(value) as InstanceDescription[];
  }

  pipelinesFormats(): Promise<string[]> {
    return this.property('PipelinesFormats');
  }

  pipelinesArchitectures(): Promise<string[]> {
    return this.property('PipelinesArchitectures');
  }

  pipelinesFormatDistributions(format: string): Promise<string[]> {
    return this.call('PipelinesFormatDistributions', 's', format);
  }

  pipelinesDistributionFormat(distribution: string): Promise<string> {
    return this.call('PipelinesDistributionFormat', 's', distribution);
  }

  async pipelinesDistributionEnvironment(distribution: string): Promise<string | undefined> {
    const member = 'PipelinesDistributionEnvironment';
    const environment = await this.call<string>(member, 's', distribution);
    return environment === NO_ENVIRONMENT ? undefined : environment;
  }

  pipelinesDistributionDerivatives(distribution: string): Promise<string[]> {
    return this.call('PipelinesDistributionDerivatives', 's', distribution);
  }

  pipelinesDerivativeFormats(derivative: string): Promise<string[]> {
    return this.call('PipelinesDerivativeFormats', 's', derivative);
  }

  queue(): Promise<TaskDescription[]> {
    return this.property('Queue');
  }

  async running(): Promise<TaskDescription | undefined> {
    try {
      return await this.property<TaskDescription>('Running');
    } catch (fault) {
      if (fault instanceof FatbuildrError && fault.code === 'DAEMON.NO_RUNNING_TASK')
        return undefined;
      throw fault;
    }
  }

  runningTasks(): Promise<TaskDescription[]> {
    return this.property('RunningTasks');
  }

  history(limit: number): Promise<TaskDescription[]> {
    return this.call('History', 'i', limit);
  }

  searchTasks(filter: TaskFilter): Promise<TaskDescription[]> {
    return this.call('Tasks', 'a{sv}', toPartialWire(filter));
  }

  historyPurge(): Promise<string> {
    return this.call('HistoryPurge', '');
  }

  task(id: string): Promise<TaskDescription> {
    return this.call('Task', 's', id);
  }

  taskEstimate(id: string): Promise<StepEstimate[]> {
    return this.call('TaskEstimate', 's', id);
  }

  taskPrescriptLock(id: string): Promise<string> {
    return this.call('TaskPrescriptLock', 's', id);
  }

  taskCancel(id: string): Promise<boolean> {
    return this.call('TaskCancel', 's', id);
  }

  taskRetry(id: string): Promise<string> {
    return this.call('TaskRetry', 's', id);
  }

  async *watch(
    task: TaskDescription,
    signal?: AbortSignal,
    person?: TaskPerson,
  ): AsyncGenerator<JournalMessage> {
    let wake: () => void = () => undefined;
    const aborted = abortion(signal);
    const stopListening = await this.connection.listen(
      { path: this.path, interface: INSTANCE_INTERFACE, member: 'TaskStateChanged' },
      ([id]) => id === task.id && wake(),
    );
    try {
      yield* taskStream(
        task,
        {
          state: async () => (await this.task(task.id)).state,
          stateChange: () => {
            const change = new Promise<void>((resolve) => (wake = resolve));
            return this.connection.unlessLost(Promise.race([change, aborted]));
          },
        },
        signal,
        person,
      );
    } finally {
      stopListening();
    }
  }

  registryFormats(): Promise<string[]> {
    return this.property('Formats');
  }

  registryDistributions(format: string): Promise<string[]> {
    return this.call('Distributions', 's', format);
  }

  registryDerivatives(format: string, distribution: string): Promise<string[]> {
    return this.call('Derivatives', 'ss', format, distribution);
  }

  artifacts(place: RegistryPlace): Promise<Artifact[]> {
    return this.call('Artifacts', 'sss', ...coordinates(place));
  }

  async search(text: string): Promise<(RegistryPlace & { artifact: Artifact })[]> {
    const found = await this.call<(RegistryPlace & Artifact)[]>('Search', 's', text);
    return found.map(({ format, distribution, derivative, ...artifact }) => ({
      format,
      distribution,
      derivative,
      artifact,
    }));
  }

  artifactBinaries(place: RegistryPlace, source: string): Promise<Artifact[]> {
    return this.call('ArtifactBinaries', 'ssss', ...coordinates(place), source);
  }

  artifactSource(place: RegistryPlace, binary: string): Promise<Artifact> {
    return this.call('ArtifactSource', 'ssss', ...coordinates(place), binary);
  }

  changelog(
    place: RegistryPlace,
    architecture: string,
    artifact: string,
  ): Promise<ChangelogEntry[]> {
    return this.call('Changelog', 'sssss', ...coordinates(place), architecture, artifact);
  }

  artifactContent(
    place: RegistryPlace,
    architecture: string,
    artifact: string,
  ): Promise<ContentMember[]> {
    return this.call('ArtifactContent', 'sssss', ...coordinates(place), architecture, artifact);
  }

  artifactDelete(place: RegistryPlace, artifact: Artifact): Promise<string> {
    return this.call('ArtifactDelete', 'sssa{sv}', ...coordinates(place), toWire(artifact));
  }

  registryReindex(format: string): Promise<string> {
    return this.call('RegistryReindex', 's', format);
  }

  build(submission: BuildSubmission): Promise<string> {
    const { keep_failed } = submission;
    const options = keep_failed === undefined ? undefined : { keep_failed };
    return this.call(
      options ? 'BuildWithOptions' : 'Build',
      `ssasssssssaa{sv}b${options ? 'a{sv}' : ''}`,
      submission.format,
      submission.distribution,
      submission.architectures,
      submission.derivative,
      submission.artifact,
      submission.author,
      submission.email,
      submission.message,
      submission.tarball,
      submission.sources.map(toWire),
      submission.interactive,
      ...(options ? [toWire(options)] : []),
    );
  }

  buildShell(task: string, { term, command }: ShellParameters): Promise<string> {
    return this.call('BuildShell', 'ssas', task, term, command);
  }

  /** Each file gets a folder of its own, so that it keeps its name; `close` removes them. */
  async uploadPath(filename: string): Promise<string> {
    const uploads = await this.call<string>('Uploads', '');
    const folder = join(uploads, randomUUID());
    try {
      await mkdir(folder, { mode: 0o700 });
    } catch (fault) {
      throw uploadsClosed(uploads, fault);
    }
    this.uploads.push(folder);
    return join(folder, basename(filename));
  }

  keyring(): Promise<KeyringDescription> {
    return this.property('Keyring');
  }

  keyringExport(): Promise<string> {
    return this.property('KeyringExport');
  }

  keyringCreate(): Promise<string> {
    return this.call('KeyringCreate', '');
  }

  keyringRenew(duration: string): Promise<string> {
    return this.call('KeyringRenew', 's', duration);
  }

  imageCreate(format: string, force: boolean): Promise<string> {
    return this.call('ImageCreate', 'sb', format, force);
  }

  imageUpdate(format: string): Promise<string> {
    return this.call('ImageUpdate', 's', format);
  }

  environmentCreate(format: string, environment: string, architecture: string): Promise<string> {
    return this.call('ImageEnvironmentCreate', 'sss', format, environment, architecture);
  }

  environmentUpdate(format: string, environment: string, architecture: string): Promise<string> {
    return this.call('ImageEnvironmentUpdate', 'sss', format, environment, architecture);
  }

  tokenGenerate(): Promise<string> {
    return this.call('TokenGenerate', '');
  }

  tokens(): Promise<TokenDescription[]> {
    return this.call('Tokens', '');
  }

  async tokenRevoke(id: string): Promise<void> {
    await this.call('TokenRevoke', 's', id);
  }

  imageShell(format: string, { term, command }: ShellParameters): Promise<string> {
    return this.call('ImageShell', 'ssas', format, term, command);
  }

  environmentShell(
    format: string,
    environment: string,
    architecture: string,
    { term, command }: ShellParameters,
  ): Promise<string> {
    return this.call(
      ...(['ImageEnvironmentShell', 'ssssas'] as const),
      ...[format, environment, architecture, term, command],
    );
  }

  async close(): Promise<void> {
    this.connection.close();
    // Empty where the daemon took the files over.
    for (const folder of this.uploads) await rm(folder, { recursive: true, force: true });
  }

  private async call<T>(member: string, signature: string, ...body: unknown[]): Promise<T> {
    const call = { path: this.path, interface: INSTANCE_INTERFACE, member, signature, body };
    const [value] = await this.connection.call(call);
    return fromWire(value) as T;
  }

  private async property<T>(name: string): Promise<T> {
    return fromWire(await this.connection.property(this.path, INSTANCE_INTERFACE, name)) as T;
  }
}

function coordinates({
  format,
  distribution,
  derivative,
}: RegistryPlace): [string, string, string] {
  return [format, distribution, derivative];
}

/** Rejects when the signal fires; never resolves. */
function abortion(signal: AbortSignal | undefined): Promise<never> {
  const aborted = new Promise<never>((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
  aborted.catch(() => undefined);
  return aborted;
}
