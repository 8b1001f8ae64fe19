import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RegistriesService } from '@fatbuildr/registries';
import { Instance } from '@fatbuildr/instances';
import type { TaskContext } from '@fatbuildr/tasks';
import type { BuildRequest } from './build-context';
import { BuildPipeline } from './build-pipeline';
import type { BinaryRequest, FormatBuilder } from './format-builder.port';
import { FormatBuilders } from './format-builders';
import type { DefineStep } from './steps/define.step';
import type { FetchStep } from './steps/fetch.step';
import type { PrescriptStep } from './steps/prescript.step';
import type { RenderStep } from './steps/render.step';
import type { UnpackStep } from './steps/unpack.step';

const instance = new Instance({
  id: 'default',
  name: 'Default',
  gpg: { name: 'ACME', email: 'packages@acme.example' },
  architectures: ['x86_64', 'aarch64'],
  pipelines: [
    {
      ...{ format: 'deb', distribution: 'stable', environment: 'stable', tag: 'deb12' },
      ...{ mirror: undefined, components: undefined, modules: [] },
    },
  ],
  derivatives: new Map(),
});

const request = {
  ...{ format: 'deb', distribution: 'stable', derivative: 'main', artifact: 'hello' },
  architectures: ['x86_64', 'aarch64'],
} as unknown as BuildRequest;

let workspace: string;
beforeEach(() => (workspace = mkdtempSync(join(tmpdir(), 'fatbuildr-pipeline-'))));
afterEach(() => rmSync(workspace, { recursive: true }));

/** Runs the steps of a build of which the binaries alone do something. */
async function build(
  binary: (request: BinaryRequest) => Promise<readonly string[]>,
  { independent = false, ...context }: Partial<TaskContext> & { independent?: boolean } = {},
): Promise<readonly string[]> {
  const step = { run: () => Promise.resolve([]) };
  const definition = { formatParameters: () => ({}) };
  const builders = new FormatBuilders();
  builders.register({
    format: 'deb',
    prepare: () => Promise.resolve(),
    source: () => Promise.resolve({ files: ['hello.dsc'], independent }),
    binary,
    checks: () => Promise.resolve(),
    drop: () => Promise.resolve(),
  } as unknown as FormatBuilder);
  let published: readonly string[] = [];
  const registries = {
    publish: (_instance: Instance, _place: unknown, files: readonly string[]) => {
      published = files;
      return Promise.resolve();
    },
  };
  const pipeline = new BuildPipeline(
    builders,
    step as unknown as UnpackStep,
    {
      run: () => Promise.resolve({ definition, version: { full: '1' }, changelog: [] }),
    } as unknown as DefineStep,
    step as unknown as FetchStep,
    { run: () => Promise.resolve({ patches: [] }) } as unknown as RenderStep,
    {} as PrescriptStep,
    registries as unknown as RegistriesService,
  );
  await pipeline.run(instance, request, {
    task: { id: '1', instance: 'default', user: 'ada', submitted: 0 },
    workspace,
    journal: {
      log: () => undefined,
      plan: () => undefined,
      step: (_name: string, work: () => Promise<unknown>) => work(),
    } as unknown as TaskContext['journal'],
    signal: new AbortController().signal,
    ...context,
  });
  return published;
}

describe('the binaries of a build', () => {
  it('are built side by side, those for every architecture with the first', async () => {
    const begun: string[] = [];
    let all: () => void = () => undefined;
    const both = new Promise<void>((resolve) => (all = resolve));
    const published = await build(async ({ architecture, withIndependent }) => {
      begun.push(architecture);
      if (begun.length === 2) all();
      await both;
      return [`${architecture}${withIndependent ? ' and all' : ''}`];
    });
    expect(published).toEqual(['hello.dsc', 'x86_64 and all', 'aarch64']);
  });

  it('are built once when they are for every architecture', async () => {
    const published = await build(({ architecture }) => Promise.resolve([architecture]), {
      independent: true,
    });
    expect(published).toEqual(['hello.dsc', 'x86_64']);
  });

  it('are built in turn where there is a terminal to ask on', async () => {
    let running = 0;
    await build(
      async () => {
        expect((running += 1)).toBe(1);
        await new Promise(setImmediate);
        running -= 1;
        return [];
      },
      { console: {} as TaskContext['console'] },
    );
  });

  it('are given up when one of them fails, which is what is told', async () => {
    const fault = new Error('dpkg-buildpackage exited with status 2');
    let stopped: unknown;
    const failed = build(async ({ architecture, context: { signal } }) => {
      if (architecture === 'aarch64') throw fault;
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      stopped = signal.reason;
      throw new Error('the container was killed');
    });
    await expect(failed).rejects.toBe(fault);
    expect(stopped).toBe(fault);
  });

  it('are given up when the task is cancelled', async () => {
    const cancel = new AbortController();
    const failed = build(
      async ({ context: { signal } }) => {
        const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve));
        cancel.abort(new Error('cancelled by ada'));
        if (!signal.aborted) await aborted;
        throw new Error('the container was killed');
      },
      { signal: cancel.signal },
    );
    await expect(failed).rejects.toThrow('cancelled by ada');
  });
});
