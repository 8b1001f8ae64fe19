import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
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
  TaskFilter,
  TaskPerson,
  TokenDescription,
} from '@fatbuildr/protocol';
import { ENVIRONMENT, IMAGE, KEYRING, PLACE, TASK, taskOf, TOKENS, unlinked } from './answers';
import { ApiSession, type Answer } from './api-session';
import { buildForm } from './build-form';
import type { components } from './generated/openapi';
import { noInstanceNamed, streamBroken } from './http-client.errors';
import { parseHttpUri, type HttpAccess } from './http-target';
import { journalStream, resumedAt } from './journal-stream';
import { terminalStream } from './terminal-stream';

type Schemas = components['schemas'];

/** Tasks of one answer: the most the server gives. */
const PAGE = 500;

/** Speaks to one instance of a server over HTTP (`/api/v1`), by the types of its own document. */
export class HttpClient implements FatbuildrClient {
  private readonly uploads: string[] = [];

  private constructor(
    private readonly session: ApiSession,
    private readonly uri: string,
    private readonly id: string,
  ) {}

  /**
   * Finds the instance; where the URI names none, the only one the server has.
   *
   * @throws FatbuildrError `HTTP.UNREACHABLE`, `HTTP.TLS`, `HTTP.NOT_THE_API`, `USAGE.URI` …
   */
  static async connect({ uri, token, tokenFile }: HttpAccess): Promise<HttpClient> {
    const { server, instance } = parseHttpUri(uri);
    const hasToken = token !== undefined;
    const session = new ApiSession(server, token, { uri, tokenFile, hasToken });
    if (instance !== undefined) return new HttpClient(session, uri, instance);
    const all = await session.of(session.api.GET('/api/v1/instances'));
    const [only, ...others] = all.map(({ id }) => id);
    if (only === undefined || others.length > 0)
      throw noInstanceNamed(uri, [only ?? '', ...others]);
    return new HttpClient(session, uri, only);
  }

  async instance(): Promise<InstanceDescription> {
    return unlinked(
      await this.of(this.api.GET('/api/v1/instances/{instance}', { params: { path: this.here } })),
    );
  }

  async instances(): Promise<InstanceDescription[]> {
    return (await this.of(this.api.GET('/api/v1/instances'))).map(unlinked);
  }

  // Pipelines

  async pipelinesFormats(): Promise<string[]> {
    return (await this.pipelines()).formats.map(({ format }) => format);
  }

  async pipelinesArchitectures(): Promise<string[]> {
    return (await this.pipelines()).architectures;
  }

  async pipelinesFormatDistributions(format: string): Promise<string[]> {
    const path = { ...this.here, format };
    const url = '/api/v1/instances/{instance}/pipelines/formats/{format}';
    return (await this.of(this.api.GET(url, { params: { path } }))).distributions;
  }

  async pipelinesDistributionFormat(distribution: string): Promise<string> {
    return (await this.pipeline(distribution)).format;
  }

  async pipelinesDistributionEnvironment(distribution: string): Promise<string | undefined> {
    return (await this.pipeline(distribution)).environment ?? undefined;
  }

  async pipelinesDistributionDerivatives(distribution: string): Promise<string[]> {
    return (await this.pipeline(distribution)).derivatives;
  }

  async pipelinesDerivativeFormats(derivative: string): Promise<string[]> {
    const path = { ...this.here, derivative };
    const url = '/api/v1/instances/{instance}/pipelines/derivatives/{derivative}';
    return (await this.of(this.api.GET(url, { params: { path } }))).formats;
  }

  // Tasks

  async queue(): Promise<TaskDescription[]> {
    return (await this.searchTasks({ states: ['pending'] })).reverse();
  }

  async running(): Promise<TaskDescription | undefined> {
    return (await this.runningTasks())[0];
  }

  async runningTasks(): Promise<TaskDescription[]> {
    return (await this.searchTasks({ states: ['running'] })).reverse();
  }

  history(limit: number): Promise<TaskDescription[]> {
    return this.searchTasks({ states: ['finished'], ...(limit > 0 ? { limit } : {}) });
  }

  async searchTasks(filter: TaskFilter): Promise<TaskDescription[]> {
    const { states, before, limit = Infinity, name, ...rest } = filter;
    const found: TaskDescription[] = [];
    for (let cursor = before; found.length < limit;) {
      const query = {
        ...rest,
        ...(name === undefined ? {} : { name: name as TaskDescription['name'] }),
        ...(states === undefined ? {} : { state: states }),
        ...(cursor === undefined ? {} : { cursor }),
        limit: Math.min(limit - found.length, PAGE),
      };
      const url = '/api/v1/instances/{instance}/tasks';
      const page = await this.of(this.api.GET(url, { params: { path: this.here, query } }));
      found.push(...page.items.map(taskOf));
      if (page.next === undefined) break;
      cursor = page.next;
    }
    return found;
  }

  historyPurge(): Promise<string> {
    return this.submitted(
      this.api.POST('/api/v1/instances/{instance}/history/purge', { params: { path: this.here } }),
    );
  }

  async task(id: string): Promise<TaskDescription> {
    const path = { ...this.here, id };
    return taskOf(await this.of(this.api.GET(TASK, { params: { path } })));
  }

  async taskEstimate(id: string): Promise<StepEstimate[]> {
    const path = { ...this.here, id };
    return this.of(this.api.GET(`${TASK}/estimate`, { params: { path } }));
  }

  taskPrescriptLock(id: string): Promise<string> {
    const params = { path: { ...this.here, id }, query: { path: 'prescript.lock' } };
    return this.of(this.api.GET(`${TASK}/file`, { params, parseAs: 'text' }));
  }

  async taskCancel(id: string): Promise<boolean> {
    const path = { ...this.here, id };
    return (await this.of(this.api.POST(`${TASK}/cancel`, { params: { path } }))).ended;
  }

  taskRetry(id: string): Promise<string> {
    const path = { ...this.here, id };
    return this.submitted(this.api.POST(`${TASK}/retry`, { params: { path } }));
  }

  watch(
    { id, io, state }: TaskDescription,
    signal?: AbortSignal,
    person?: TaskPerson,
  ): AsyncGenerator<JournalMessage> {
    const task = `/api/v1/instances/${encodeURIComponent(this.id)}/tasks/${encodeURIComponent(id)}`;
    const broken = () => streamBroken(id, this.uri);
    if (person !== undefined && io.interactive && state !== 'finished') {
      return terminalStream(() => this.session.connect(`${task}/terminal`), broken, person, signal);
    }
    return journalStream(
      (after) => this.session.raw(`${task}/journal`, resumedAt(after, signal)),
      broken,
      signal,
    );
  }

  // Registries

  async registryFormats(): Promise<string[]> {
    const url = '/api/v1/instances/{instance}/registries';
    return this.of(this.api.GET(url, { params: { path: this.here } }));
  }

  async registryDistributions(format: string): Promise<string[]> {
    const path = { ...this.here, format };
    const url = '/api/v1/instances/{instance}/registries/{format}';
    return this.of(this.api.GET(url, { params: { path } }));
  }

  async registryDerivatives(format: string, distribution: string): Promise<string[]> {
    const path = { ...this.here, format, distribution };
    const url = '/api/v1/instances/{instance}/registries/{format}/{distribution}';
    return this.of(this.api.GET(url, { params: { path } }));
  }

  async artifacts(place: RegistryPlace): Promise<Artifact[]> {
    const url = `${PLACE}/artifacts` as const;
    const found = await this.of(this.api.GET(url, { params: { path: this.at(place) } }));
    return found.map(unlinked);
  }

  async search(text: string): Promise<(RegistryPlace & { artifact: Artifact })[]> {
    const params = { path: this.here, query: { text } };
    const found = await this.of(this.api.GET('/api/v1/instances/{instance}/search', { params }));
    return found.map(({ format, distribution, derivative, ...artifact }) => ({
      ...{ format, distribution, derivative },
      artifact: unlinked(artifact),
    }));
  }

  async artifactBinaries(place: RegistryPlace, source: string): Promise<Artifact[]> {
    const path = { ...this.at(place), source };
    const url = `${PLACE}/sources/{source}/binaries` as const;
    return (await this.of(this.api.GET(url, { params: { path } }))).map(unlinked);
  }

  async artifactSource(place: RegistryPlace, binary: string): Promise<Artifact> {
    const path = { ...this.at(place), binary };
    const url = `${PLACE}/binaries/{binary}/source` as const;
    return unlinked(await this.of(this.api.GET(url, { params: { path } })));
  }

  async changelog(
    place: RegistryPlace,
    architecture: string,
    artifact: string,
  ): Promise<ChangelogEntry[]> {
    const path = { ...this.at(place), architecture, artifact };
    const url = `${PLACE}/artifacts/{architecture}/{artifact}/changelog` as const;
    return this.of(this.api.GET(url, { params: { path } }));
  }

  async artifactContent(
    place: RegistryPlace,
    architecture: string,
    artifact: string,
  ): Promise<ContentMember[]> {
    const path = { ...this.at(place), architecture, artifact };
    const url = `${PLACE}/artifacts/{architecture}/{artifact}/content` as const;
    return this.of(this.api.GET(url, { params: { path } }));
  }

  artifactDelete(place: RegistryPlace, target: Artifact): Promise<string> {
    const { name, architecture, version, size } = target;
    const path = { ...this.at(place), architecture, artifact: name };
    const url = `${PLACE}/artifacts/{architecture}/{artifact}` as const;
    return this.submitted(this.api.DELETE(url, { params: { path, query: { version, size } } }));
  }

  registryReindex(format: string): Promise<string> {
    const path = { ...this.here, format };
    const url = '/api/v1/instances/{instance}/registries/{format}/reindex';
    return this.submitted(this.api.POST(url, { params: { path } }));
  }

  // Builds

  async build(submission: BuildSubmission): Promise<string> {
    const { fields, form } = await buildForm(submission);
    return this.submitted(
      this.api.POST('/api/v1/instances/{instance}/builds', {
        params: { path: this.here },
        body: fields as never,
        bodySerializer: () => form,
      }),
    );
  }

  buildShell(id: string, shell: ShellParameters): Promise<string> {
    const params = { path: { ...this.here, id } };
    return this.submitted(this.api.POST(`${TASK}/shell`, { params, body: shell }));
  }

  /** Each file gets a folder of its own, so that it keeps its name; `close` removes them. */
  async uploadPath(filename: string): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'fatbuildr-upload-'));
    this.uploads.push(folder);
    return join(folder, basename(filename));
  }

  keyring(): Promise<KeyringDescription> {
    return this.of(this.api.GET(KEYRING, { params: { path: this.here } }));
  }

  keyringExport(): Promise<string> {
    const params = { path: this.here };
    return this.of(this.api.GET(`${KEYRING}/public-key`, { params, parseAs: 'text' }));
  }

  keyringCreate(): Promise<string> {
    return this.submitted(this.api.POST(KEYRING, { params: { path: this.here } }));
  }

  keyringRenew(duration: string): Promise<string> {
    const params = { path: this.here };
    return this.submitted(this.api.POST(`${KEYRING}/renewal`, { params, body: { duration } }));
  }

  async tokenGenerate(): Promise<string> {
    return (await this.of(this.api.POST(TOKENS, { params: { path: this.here } }))).token;
  }

  tokens(): Promise<TokenDescription[]> {
    return this.of(this.api.GET(TOKENS, { params: { path: this.here } }));
  }

  async tokenRevoke(id: string): Promise<void> {
    const path = { ...this.here, id };
    await this.of(this.api.DELETE(`${TOKENS}/{id}`, { params: { path } }));
  }

  // Images and build environments

  imageCreate(format: string, force: boolean): Promise<string> {
    const path = { ...this.here, format };
    return this.submitted(this.api.POST(IMAGE, { params: { path }, body: { force } }));
  }

  imageUpdate(format: string): Promise<string> {
    const path = { ...this.here, format };
    return this.submitted(this.api.POST(`${IMAGE}/update`, { params: { path } }));
  }

  environmentCreate(format: string, environment: string, architecture: string): Promise<string> {
    const path = { ...this.here, format, environment, architecture };
    return this.submitted(this.api.POST(ENVIRONMENT, { params: { path } }));
  }

  environmentUpdate(format: string, environment: string, architecture: string): Promise<string> {
    const path = { ...this.here, format, environment, architecture };
    return this.submitted(this.api.POST(`${ENVIRONMENT}/update`, { params: { path } }));
  }

  imageShell(format: string, shell: ShellParameters): Promise<string> {
    const path = { ...this.here, format };
    return this.submitted(this.api.POST(`${IMAGE}/shell`, { params: { path }, body: shell }));
  }

  environmentShell(
    format: string,
    environment: string,
    architecture: string,
    shell: ShellParameters,
  ): Promise<string> {
    const path = { ...this.here, format, environment, architecture };
    return this.submitted(this.api.POST(`${ENVIRONMENT}/shell`, { params: { path }, body: shell }));
  }

  async close(): Promise<void> {
    for (const folder of this.uploads) await rm(folder, { recursive: true, force: true });
  }

  private pipelines(): Promise<Schemas['PipelinesDto']> {
    const url = '/api/v1/instances/{instance}/pipelines';
    return this.of(this.api.GET(url, { params: { path: this.here } }));
  }

  private pipeline(distribution: string): Promise<Schemas['DistributionPipelineDto']> {
    const path = { ...this.here, distribution };
    const url = '/api/v1/instances/{instance}/pipelines/distributions/{distribution}';
    return this.of(this.api.GET(url, { params: { path } }));
  }

  private async submitted(answering: Promise<Answer<Schemas['TaskDto']>>): Promise<string> {
    return (await this.of(answering)).id;
  }

  private of<T>(answering: Promise<Answer<T>>): Promise<T> {
    return this.session.of(answering);
  }

  private get api() {
    return this.session.api;
  }

  private get here() {
    return { instance: this.id };
  }

  private at({ format, distribution, derivative }: RegistryPlace) {
    return { ...this.here, format, distribution, derivative };
  }
}
