import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FatbuildrClient, TaskDescription } from '@fatbuildr/protocol';
import { HttpClient } from './http-client';

const PORT = join(__dirname, '../../protocol/src/fatbuildr-client.port.ts');
const ROOT = join(__dirname, '../../..');

const place = { format: 'F', distribution: 'D', derivative: 'V' };
const artifact = { name: 'A', architecture: 'R', version: '1', size: 1 };

/** A call of every method of the port; the compiler misses the one that is not here. */
const CALLS: { readonly [M in keyof FatbuildrClient]: (client: HttpClient) => unknown } = {
  instance: (client) => client.instance(),
  instances: (client) => client.instances(),
  pipelinesFormats: (client) => client.pipelinesFormats(),
  pipelinesArchitectures: (client) => client.pipelinesArchitectures(),
  pipelinesFormatDistributions: (client) => client.pipelinesFormatDistributions('F'),
  pipelinesDistributionFormat: (client) => client.pipelinesDistributionFormat('D'),
  pipelinesDistributionEnvironment: (client) => client.pipelinesDistributionEnvironment('D'),
  pipelinesDistributionDerivatives: (client) => client.pipelinesDistributionDerivatives('D'),
  pipelinesDerivativeFormats: (client) => client.pipelinesDerivativeFormats('V'),
  queue: (client) => client.queue(),
  running: (client) => client.running(),
  runningTasks: (client) => client.runningTasks(),
  history: (client) => client.history(10),
  searchTasks: (client) => client.searchTasks({}),
  historyPurge: (client) => client.historyPurge(),
  task: (client) => client.task('ID'),
  taskEstimate: (client) => client.taskEstimate('ID'),
  taskPrescriptLock: (client) => client.taskPrescriptLock('ID'),
  taskCancel: (client) => client.taskCancel('ID'),
  taskRetry: (client) => client.taskRetry('ID'),
  watch: (client) =>
    client.watch({ id: 'ID', io: { interactive: false } } as TaskDescription).next(),
  registryFormats: (client) => client.registryFormats(),
  registryDistributions: (client) => client.registryDistributions('F'),
  registryDerivatives: (client) => client.registryDerivatives('F', 'D'),
  artifacts: (client) => client.artifacts(place),
  search: (client) => client.search('text'),
  artifactBinaries: (client) => client.artifactBinaries(place, 'S'),
  artifactSource: (client) => client.artifactSource(place, 'B'),
  changelog: (client) => client.changelog(place, 'R', 'A'),
  artifactContent: (client) => client.artifactContent(place, 'R', 'A'),
  artifactDelete: (client) => client.artifactDelete(place, artifact),
  registryReindex: (client) => client.registryReindex('F'),
  build: (client) =>
    client.build({
      ...place,
      ...{ architectures: [], artifact: 'A', author: '', email: '', message: '' },
      ...{ tarball: __filename, sources: [], interactive: false },
    }),
  buildShell: (client) => client.buildShell('ID', { term: 'xterm', command: [] }),
  uploadPath: (client) => client.uploadPath('name'),
  keyring: (client) => client.keyring(),
  keyringExport: (client) => client.keyringExport(),
  keyringCreate: (client) => client.keyringCreate(),
  keyringRenew: (client) => client.keyringRenew('1y'),
  imageCreate: (client) => client.imageCreate('F', false),
  imageUpdate: (client) => client.imageUpdate('F'),
  environmentCreate: (client) => client.environmentCreate('F', 'E', 'R'),
  environmentUpdate: (client) => client.environmentUpdate('F', 'E', 'R'),
  imageShell: (client) => client.imageShell('F', { term: 'xterm', command: [] }),
  environmentShell: (client) =>
    client.environmentShell('F', 'E', 'R', { term: 'xterm', command: [] }),
  tokenGenerate: (client) => client.tokenGenerate(),
  tokens: (client) => client.tokens(),
  tokenRevoke: (client) => client.tokenRevoke('ID'),
  close: (client) => client.close(),
};

/** Which parameter a part of a path stands for in the calls above. */
const NAMES: Readonly<Record<string, string>> = {
  ...{ I: 'instance', F: 'format', D: 'distribution', V: 'derivative', A: 'artifact' },
  ...{ R: 'architecture', S: 'source', B: 'binary', E: 'environment', ID: 'id' },
};

describe('what a client can ask for', () => {
  let requests: string[];

  beforeEach(() => {
    requests = [];
    jest.spyOn(globalThis, 'fetch').mockImplementation((input) => {
      const { method, url } = input as Request;
      const parts = new URL(url).pathname.split('/').map((part) => {
        const name = NAMES[part];
        return name === undefined ? part : `{${name}}`;
      });
      requests.push(`${method} ${parts.join('/')}`);
      const last = { offset: 0, command: 'log', level: 20, message: 'Task succeeded' };
      return Promise.resolve(new Response(`${JSON.stringify(last)}\n`));
    });
  });
  afterEach(() => jest.restoreAllMocks());

  /** The request that a method makes; none for what needs no server. */
  async function requestOf(method: keyof FatbuildrClient): Promise<string | undefined> {
    requests = [];
    const access = { uri: 'http://packages.acme.example/I', token: 't', tokenFile: undefined };
    const client = await HttpClient.connect(access);
    // What the answer is taken for is no matter here.
    await Promise.resolve(CALLS[method](client)).catch(() => undefined);
    await client.close();
    return requests[0];
  }

  it('is in the table of docs/remote.md, method by method', async () => {
    const [, port = ''] = readFileSync(PORT, 'utf8').split('export interface FatbuildrClient {');
    const methods = [...port.matchAll(/^ {2}(\w+)\(/gm)].map(([, name]) => name!);
    expect(methods.sort()).toEqual(Object.keys(CALLS).sort());
    const rows: string[] = [];
    for (const method of Object.keys(CALLS) as (keyof FatbuildrClient)[]) {
      const request = await requestOf(method);
      rows.push(`| \`${method}\` | ${request === undefined ? '–' : `\`${request}\``} |`);
    }
    const document = readFileSync(join(ROOT, 'docs/remote.md'), 'utf8');
    const written = document.split('\n').filter((line) => /^\| `\w+` +\|/.test(line));
    expect(written.map((row) => row.replace(/ +\|/g, ' |'))).toEqual(rows);
  });

  it('is all in the document of the API', async () => {
    const document = JSON.parse(readFileSync(join(ROOT, 'docs/openapi.json'), 'utf8')) as {
      paths: Record<string, Record<string, unknown>>;
    };
    for (const method of Object.keys(CALLS) as (keyof FatbuildrClient)[]) {
      const request = await requestOf(method);
      if (request === undefined) continue;
      const [verb, path] = request.split(' ') as [string, string];
      expect(document.paths[path]).toHaveProperty(verb.toLowerCase());
    }
  });
});
