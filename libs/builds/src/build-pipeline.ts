import { mkdir } from 'node:fs/promises';
import { Injectable } from '@nestjs/common';
import type { Instance } from '@fatbuildr/instances';
import { RegistriesService } from '@fatbuildr/registries';
import { Semaphore } from 'async-mutex';
import { buildContext, type BuildContext, type BuildRequest } from './build-context';
import type { BuildTask } from './build-task';
import type { BinaryRequest, BuildSource, FormatBuilder } from './format-builder.port';
import { keepsNone } from './kept-builds.errors';
import { FormatBuilders } from './format-builders';
import { DefineStep } from './steps/define.step';
import { FetchStep } from './steps/fetch.step';
import { PrescriptStep, type PreparedSources } from './steps/prescript.step';
import { RenderStep, type Rendered } from './steps/render.step';
import { UnpackStep } from './steps/unpack.step';

const UNTIL_SOURCE = ['prepare', 'unpack', 'define', 'fetch', 'render', 'source'];

const binariesStep = (architecture: string) => `binaries ${architecture}`;

const afterSource = (architectures: readonly string[]) => [
  ...architectures.map(binariesStep),
  'checks',
  'publish',
];

/** One build from the submitted definition to the published packages, step by step. */
@Injectable()
export class BuildPipeline {
  constructor(
    private readonly builders: FormatBuilders,
    private readonly unpack: UnpackStep,
    private readonly define: DefineStep,
    private readonly fetch: FetchStep,
    private readonly render: RenderStep,
    private readonly prescript: PrescriptStep,
    private readonly registries: RegistriesService,
  ) {}

  async run(instance: Instance, request: BuildRequest, task: BuildTask): Promise<void> {
    const { journal } = task;
    const context = buildContext(task, instance, request);
    const builder = this.builders.of(request.format);
    const { pipeline, folders, place } = context;
    const { artifact, derivative, architectures } = request;
    const { id, user } = task.task;
    await mkdir(folders.results, { recursive: true });

    journal.plan([...UNTIL_SOURCE, ...afterSource(architectures)]);
    await journal.step('prepare', () => {
      if (task.keep && builder.keepsNone !== undefined) throw keepsNone(builder.keepsNone);
      return builder.prepare({ instance, pipeline, architectures });
    });
    await journal.step('unpack', () => this.unpack.run(context));
    const plan = await journal.step('define', () => this.define.run(context));
    const fetched = await journal.step('fetch', () => this.fetch.run(context, plan));
    const rendered = await journal.step('render', () => this.render.run(context, plan, fetched));
    const { sources, patches } = await this.prescripted(context, rendered, fetched);
    const parameters = plan.definition.formatParameters(request.format);
    try {
      const source = await journal.step('source', () =>
        builder.source({
          ...{ context: task, instance, pipeline, derivative, artifact, parameters },
          ...{ sources, patches },
          version: plan.version,
          changelog: plan.changelog,
          packaging: folders.packaging,
          results: folders.results,
        }),
      );
      const binaries = await this.binaries(context, builder, { source, parameters });
      const files = [...new Set([...source.files, ...binaries])];
      const checks = journal.step('checks', () =>
        builder.checks({ context: task, instance, pipeline, files, results: folders.results }),
      );
      // What the checks find holds no publication back, so neither waits for the other.
      await together(
        checks.catch((fault: unknown) => {
          // A publication cannot stop half-way: it alone decides how a task ends that was told to stop now.
          if (!task.signal.aborted) throw fault;
          journal.log('warning', 'The checks were cut short');
        }),
        journal.step('publish', () =>
          this.registries.publish(instance, place, files, { task: id, user, journal }),
        ),
      );
    } catch (fault) {
      await builder.drop(id);
      throw fault;
    }
    journal.log('info', `Published ${artifact} ${plan.version.full} in ${describe(context)}`);
  }

  /** Sources and patches as the prescript leaves them, where there is one. */
  private async prescripted(
    context: BuildContext,
    { patches, prescript }: Rendered,
    sources: readonly BuildSource[],
  ): Promise<PreparedSources> {
    if (prescript === undefined) return { sources, patches };
    const { journal } = context.task;
    journal.plan(['prescript', 'source', ...afterSource(context.request.architectures)]);
    return journal.step('prescript', () =>
      this.prescript.run(context, prescript, { sources, patches }),
    );
  }

  /**
   * Packages of each architecture, those of all architectures with the first. Side by side, as one that is
   * emulated takes ten times as long as a native one; in turn where people may be asked, who have one terminal.
   */
  private async binaries(
    { task, instance, pipeline, request, folders }: BuildContext,
    builder: FormatBuilder,
    { source, parameters }: Pick<BinaryRequest, 'source' | 'parameters'>,
  ): Promise<string[]> {
    const { artifact, derivative, architectures } = request;
    const wanted = source.independent ? architectures.slice(0, 1) : architectures;
    if (wanted.length < architectures.length) task.journal.plan(afterSource(wanted));
    const stopping = new AbortController();
    const context = { ...task, signal: AbortSignal.any([task.signal, stopping.signal]) };
    const build = (architecture: string, index: number) =>
      task.journal.step(binariesStep(architecture), () =>
        builder.binary({
          ...{ context, instance, pipeline, derivative, artifact, parameters },
          ...{ source, architecture },
          withIndependent: index === 0,
          results: folders.results,
        }),
      );
    const turns = new Semaphore(task.console === undefined ? wanted.length : 1);
    const works = wanted.map((architecture, index) =>
      turns.runExclusive(async () => {
        stopping.signal.throwIfAborted();
        return build(architecture, index).catch((fault: unknown) => {
          // The others need not go on for hours to be thrown away.
          stopping.abort(fault);
          throw fault;
        });
      }),
    );
    await Promise.allSettled(works);
    task.signal.throwIfAborted();
    stopping.signal.throwIfAborted();
    return (await Promise.all(works)).flat();
  }
}

/** Waits for all, whatever fails, and then for the first fault. */
async function together(...works: Promise<unknown>[]): Promise<void> {
  await Promise.allSettled(works);
  await Promise.all(works);
}

function describe({ instance, place }: BuildContext): string {
  return `${place.format} registry ${place.distribution}/${place.derivative} of ${instance.name}`;
}
