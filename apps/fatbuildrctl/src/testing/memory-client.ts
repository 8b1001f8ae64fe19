import { FatbuildrError } from '@fatbuildr/errors';
import {
  isInteractive,
  LogLevel,
  type Artifact,
  type BuildSubmission,
  type FatbuildrClient,
  type JournalMessage,
  type ParametersOf,
  type RegistryPlace,
  type ShellParameters,
  type TaskDescription,
  type TokenDescription,
  type TaskFilter,
  type TaskName,
} from '@fatbuildr/protocol';

/** An instance in memory: tasks end at once, with the result the test chose. */
export class MemoryClient implements FatbuildrClient {
  /** What was asked for, in order. */
  readonly calls: string[] = [];
  readonly submissions: BuildSubmission[] = [];
  readonly tasks: TaskDescription[] = [];
  /** By which tasks were looked for. */
  readonly filters: TaskFilter[] = [];
  /** What the next tasks print and how they end. */
  journal: JournalMessage[] = [];
  result: 'success' | 'failed' = 'success';
  /** A watch waits for its signal after this many messages. */
  hangAfter = Infinity;
  published: Artifact[] = [];
  /** What prescripts fetched. */
  lock = '';
  distributions: Readonly<Record<string, string[]>> = { deb: ['bookworm', 'trixie'] };
  closed = false;
  issued: TokenDescription[] = [];

  constructor(private readonly uploads = '/nonexistent') {}

  instance() {
    return Promise.resolve({ id: 'default', name: 'Test', userid: 'Test <test@acme.example>' });
  }
  async instances() {
    return [await this.instance()];
  }
  pipelinesFormats() {
    return Promise.resolve(Object.keys(this.distributions));
  }
  pipelinesArchitectures() {
    return Promise.resolve(['x86_64']);
  }
  pipelinesFormatDistributions(format: string) {
    return Promise.resolve(this.distributions[format] ?? []);
  }
  pipelinesDistributionFormat(distribution: string): Promise<string> {
    const found = Object.entries(this.distributions).find(([, all]) => all.includes(distribution));
    if (found) return Promise.resolve(found[0]);
    return Promise.reject(
      new FatbuildrError('DAEMON.PIPELINE', `unknown distribution ${distribution}`),
    );
  }
  pipelinesDistributionEnvironment(distribution: string) {
    return Promise.resolve(distribution);
  }
  pipelinesDistributionDerivatives() {
    return Promise.resolve(['main']);
  }
  pipelinesDerivativeFormats() {
    return this.pipelinesFormats();
  }

  queue() {
    return Promise.resolve(this.tasks.filter(({ state }) => state === 'pending'));
  }
  running() {
    return Promise.resolve(this.tasks.find(({ state }) => state === 'running'));
  }
  runningTasks() {
    return Promise.resolve(this.tasks.filter(({ state }) => state === 'running'));
  }
  history(limit: number) {
    const finished = this.tasks.filter(({ state }) => state === 'finished');
    return Promise.resolve(finished.reverse().slice(0, limit));
  }
  searchTasks(filter: TaskFilter) {
    this.filters.push(filter);
    const found = this.tasks.filter(({ state }) => filter.states?.includes(state) ?? true);
    return Promise.resolve(found.reverse().slice(0, filter.limit));
  }
  historyPurge() {
    return this.submit({ name: 'history purge' });
  }
  task(id: string): Promise<TaskDescription> {
    const task = this.tasks.find((one) => one.id === id);
    if (task) return Promise.resolve({ ...task });
    return Promise.reject(new FatbuildrError('DAEMON.UNKNOWN_TASK', `no task has the id ${id}`));
  }
  taskPrescriptLock() {
    return Promise.resolve(this.lock);
  }
  taskEstimate() {
    return Promise.resolve([]);
  }
  async taskCancel(id: string) {
    this.calls.push(`cancel ${id}`);
    const { state } = await this.task(id);
    if (state === 'finished') throw new FatbuildrError('DAEMON.TASK', `task ${id} has ended`);
    return state === 'pending';
  }
  async taskRetry(id: string) {
    this.calls.push(`retry ${id}`);
    const { name } = await this.task(id);
    if (name !== 'keyring creation') throw new Error(`${name} has no place in this test`);
    const again = await this.submit({ name });
    Object.assign(this.tasks.at(-1)!, { retries: id });
    return again;
  }
  async *watch(task: TaskDescription, signal?: AbortSignal): AsyncGenerator<JournalMessage> {
    for (const [index, message] of this.journal.entries()) {
      if (index >= this.hangAfter) {
        await new Promise((_, reject) => {
          const abort = () => reject(signal?.reason as Error);
          if (signal?.aborted) abort();
          signal?.addEventListener('abort', abort);
        });
      }
      yield message;
    }
    const found = this.tasks.find(({ id }) => id === task.id);
    if (found) Object.assign(found, { state: 'finished', result: this.result });
    yield this.result === 'success'
      ? { command: 'log', level: LogLevel.info, message: 'Task succeeded' }
      : { command: 'log', level: LogLevel.error, message: 'Task failed: binaries: exit status 2' };
  }

  registryFormats() {
    return this.pipelinesFormats();
  }
  registryDistributions(format: string) {
    return this.pipelinesFormatDistributions(format);
  }
  registryDerivatives() {
    return Promise.resolve(['main']);
  }
  artifacts() {
    return Promise.resolve(this.published);
  }
  search(text: string) {
    const place = { format: 'deb', distribution: 'bookworm', derivative: 'main' };
    const found = this.published.filter(({ name }) => name.includes(text));
    return Promise.resolve(found.map((artifact) => ({ ...place, artifact })));
  }
  artifactBinaries() {
    return Promise.resolve(this.published.filter(({ architecture }) => architecture !== 'src'));
  }
  artifactSource(): Promise<Artifact> {
    const source = this.published.find(({ architecture }) => architecture === 'src');
    return source ? Promise.resolve(source) : Promise.reject(new Error('no source'));
  }
  changelog(_: RegistryPlace, architecture: string, artifact: string) {
    this.calls.push(`changelog ${architecture} ${artifact}`);
    const author = 'Jane Roe <jane@acme.example>';
    return Promise.resolve([{ version: '1.0-1', author, date: 0, changes: ['First build'] }]);
  }
  artifactContent(_: RegistryPlace, architecture: string, artifact: string) {
    this.calls.push(`content ${architecture} ${artifact}`);
    return Promise.resolve([{ path: '/usr/bin/hello', type: 'f' as const, size: 42 }]);
  }
  artifactDelete({ format, distribution, derivative }: RegistryPlace, artifact: Artifact) {
    this.calls.push(`delete ${artifact.name} ${artifact.architecture}`);
    return this.submit({ name: 'artifact deletion', format, distribution, derivative, artifact });
  }
  registryReindex(format: string) {
    return this.submit({ name: 'registry reindexing', format });
  }

  build(submission: BuildSubmission) {
    this.submissions.push(submission);
    const { tarball: _, sources: archives, ...rest } = submission;
    return this.submit({ name: 'artifact build', ...rest, archives });
  }
  uploadPath(filename: string) {
    return Promise.resolve(`${this.uploads}/upload-${filename}`);
  }

  keyring() {
    const dates = { creation: '2026-11-01 10:00:00', expires: 'never' };
    return Promise.resolve({
      userid: 'Test <test@acme.example>',
      id: '0123456789ABCDEF',
      fingerprint: 'F00D',
      algo: 'RSA (4096)',
      last_update: dates.creation,
      ...dates,
      subkey: { fingerprint: 'BEEF', algo: 'RSA (4096)', ...dates },
    });
  }
  keyringExport() {
    return Promise.resolve('-----BEGIN PGP PUBLIC KEY BLOCK-----\n');
  }
  keyringCreate() {
    return this.submit({ name: 'keyring creation' });
  }
  keyringRenew(duration: string) {
    return this.submit({ name: 'keyring renewal', duration });
  }
  imageCreate(format: string, force: boolean) {
    return this.submit({ name: 'image creation', format, force });
  }
  imageUpdate(format: string) {
    return this.submit({ name: 'image update', format });
  }
  environmentCreate(format: string, environment: string, architecture: string) {
    const name = 'image build environment creation';
    return this.submit({ name, format, environment, architecture });
  }
  environmentUpdate(format: string, environment: string, architecture: string) {
    const name = 'image build environment update';
    return this.submit({ name, format, environment, architecture });
  }
  tokenGenerate() {
    return Promise.resolve('a.new.token');
  }
  tokens() {
    return Promise.resolve(this.issued);
  }
  tokenRevoke(id: string) {
    this.issued = this.issued.filter((token) => token.id !== id);
    return Promise.resolve();
  }
  buildShell(build: string, shell: ShellParameters) {
    return this.submit({ name: 'failed build shell', build, ...shell });
  }

  imageShell(format: string, shell: ShellParameters) {
    return this.submit({ name: 'image shell', format, ...shell });
  }
  environmentShell(
    format: string,
    environment: string,
    architecture: string,
    shell: ShellParameters,
  ) {
    const name = 'image build environment shell';
    return this.submit({ name, format, environment, architecture, ...shell });
  }
  close() {
    this.closed = true;
    return Promise.resolve();
  }

  /** Adds a task as if somebody had submitted it. */
  submit(parameters: ParametersOf<TaskName>, state: TaskDescription['state'] = 'pending') {
    const id = `task-${this.tasks.length + 1}`;
    const place = `/nonexistent/${id}`;
    this.tasks.push({
      ...parameters,
      id,
      user: 'jane',
      sequence: this.tasks.length + 1,
      submission: 0,
      place,
      state,
      result: 'unknown',
      steps: [],
      io: {
        interactive: isInteractive(parameters),
        console: `${place}/console.sock`,
        journal: { path: `${place}/task.journal` },
      },
    });
    return Promise.resolve(id);
  }
}
