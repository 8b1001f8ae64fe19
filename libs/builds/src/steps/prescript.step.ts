import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import {
  assembleSourceTree,
  loadPrescriptLock,
  PRESCRIPT,
  refreshPatches,
  type Prescript,
} from '@fatbuildr/artifacts';
import { CONFIGURATION, formatInterval, type Configuration } from '@fatbuildr/config';
import { removeTree, run } from '@fatbuildr/processes';
import { SCRATCH, type TaskContext } from '@fatbuildr/tasks';
import type { BuildContext } from '../build-context';
import { handOver, makeBuildFolder } from '../build-folder';
import type { BuildPatch, BuildSource } from '../format-builder.port';
import { FormatBuilders } from '../format-builders';
import { patchCommand } from '../patch-command';
import { explainPatch } from '../patch-output';
import { DownloadDesk } from '../prescript/download-desk';
import { noPrescripts, prescriptFailed, prescriptTooLong } from '../prescript/prescript.errors';
import {
  prescriptPatches,
  prescriptTarballs,
  requireTree,
  type PrescriptTrees,
} from '../prescript/prescript-result';
import { PRESCRIPT_FOLDERS, type PrescriptSession } from '../prescript/prescript-session';
import { recordLock } from '../prescript/recorded-lock';

/** Runs the prescript, in the container: among the definitions of images. */
const RUNNER = 'prescript.sh';
const PATCHES = 'patches';

/** What a source package is made of. */
export interface PreparedSources {
  sources: readonly BuildSource[];
  patches: readonly BuildPatch[];
}

interface Given extends PreparedSources {
  prescript: Prescript;
  drop: readonly string[];
}

/** Folders of the step, on the host. */
interface Places {
  tree: string;
  /** The tree before the prescript. */
  before: string;
  given: string;
  asked: string;
}

/** Runs the prescript of the definition in the patched sources, and makes patches or tarballs of what it did. */
@Injectable()
export class PrescriptStep {
  constructor(
    private readonly builders: FormatBuilders,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {}

  async run(
    context: BuildContext,
    prescript: Prescript,
    { sources, patches: given }: PreparedSources,
  ): Promise<PreparedSources> {
    const { folders, request } = context;
    // What a prescript has left running has a network, so its container is never kept.
    const { keep: _, ...task } = context.task;
    const { artifact, format } = request;
    const builder = this.builders.of(format);
    const { droppedFolders: drop = [] } = builder;
    if (!builder.inPrescriptSession || sources.length === 0) throw noPrescripts(format);
    const scratch = join(task.workspace, SCRATCH, 'prescript');
    const { places, patches } = await this.prepare(context, scratch, {
      ...{ prescript, sources, patches: given, drop },
    });
    const limits = this.configuration.sources;
    const desk = new DownloadDesk({
      ...{ artifact, context: task, limits, asked: places.asked, given: places.given },
      lock: await loadPrescriptLock(folders.definition),
    });
    const { instance, pipeline } = context;
    const { derivative } = request;
    const packages = this.configuration.formats[format]?.prescriptDeps ?? [];
    await builder.inPrescriptSession(
      {
        ...{ context: task, instance, pipeline, derivative, artifact },
        packages: [...new Set([...packages, ...prescript.dependencies])].sort(),
        mounts: [
          { source: places.tree, target: PRESCRIPT_FOLDERS.tree },
          { source: places.given, target: PRESCRIPT_FOLDERS.given, readOnly: true },
          { source: places.asked, target: PRESCRIPT_FOLDERS.asked },
        ],
      },
      async (session) => {
        await applyPatches(session, artifact, patches, task);
        // Nothing that could get in the way runs now.
        await run(['cp', '--archive', '--reflink=auto', places.tree, places.before]);
        await desk.during((signal) => this.runPrescript(session, { ...task, signal }));
      },
    );
    await recordLock(task.workspace, desk.fetched);
    await requireTree(places.tree);
    const trees = { context: task, limits, before: places.before, after: places.tree, drop };
    const result = await resultOf(trees, prescript, join(task.workspace, SCRATCH, 'tarballs'));
    await removeTree(scratch);
    return {
      sources: [...sources, ...result.sources],
      patches: [...patches, ...result.patches],
    };
  }

  private async prepare(
    { task }: BuildContext,
    scratch: string,
    { prescript, sources, patches: raw, drop }: Given,
  ): Promise<{ places: Places; patches: readonly BuildPatch[] }> {
    const { maxEntries, maxUnpacked } = this.configuration.sources;
    const tree = await assembleSourceTree({
      ...{ sources, name: 'tree', parent: scratch, drop },
      ...{ limits: { maxEntries, maxUnpacked }, signal: task.signal },
    });
    const tell = (message: string) => task.journal.log('info', message);
    const patches = await refreshPatches(tree, raw, tell);
    await handOver(tree);
    const [given, asked] = [join(scratch, 'given'), join(scratch, 'asked')];
    await makeBuildFolder(asked);
    await mkdir(join(given, PATCHES), { recursive: true });
    for (const { name, content } of patches) {
      await writeFile(join(given, PATCHES, name), content, { mode: 0o644 });
    }
    await copyFile(join(this.configuration.images.defs, RUNNER), join(given, RUNNER));
    await writeFile(join(given, PRESCRIPT), prescript.content, { mode: 0o644 });
    return { places: { tree, before: join(scratch, 'before'), given, asked }, patches };
  }

  private async runPrescript(session: PrescriptSession, context: TaskContext): Promise<void> {
    const limit = this.configuration.tasks.prescriptTimeLimit;
    const clock = new AbortController();
    // Who looks around where an interactive build failed is not hurried.
    const timer =
      limit !== undefined && context.console === undefined
        ? setTimeout(() => clock.abort(prescriptTooLong(formatInterval(limit))), limit)
        : undefined;
    const signal = AbortSignal.any([context.signal, clock.signal]);
    const argv = ['bash', `${PRESCRIPT_FOLDERS.given}/${RUNNER}`] as const;
    try {
      await session.run(argv, { ...context, signal }, (_, status) => prescriptFailed(status));
    } finally {
      clearTimeout(timer);
    }
  }
}

async function applyPatches(
  session: PrescriptSession,
  artifact: string,
  patches: readonly BuildPatch[],
  context: TaskContext,
): Promise<void> {
  for (const { name } of patches) {
    const argv = patchCommand(`${PRESCRIPT_FOLDERS.given}/${PATCHES}/${name}`);
    await session.run(argv, context, explainPatch(artifact, name));
  }
}

/** Without rules for tarballs all that was changed, else these folders alone. */
async function resultOf(
  trees: PrescriptTrees,
  { tarballs }: Prescript,
  into: string,
): Promise<PreparedSources> {
  if (tarballs.length === 0) {
    const patches = await prescriptPatches(trees);
    if (patches.length === 0) trees.context.journal.log('info', `${PRESCRIPT} changed nothing`);
    return { sources: [], patches };
  }
  const sources = await prescriptTarballs(trees, tarballs, into);
  const patches = await prescriptPatches(trees, (path) =>
    tarballs.some((folder) => `${path}/`.startsWith(`${folder}/`) || folder.startsWith(`${path}/`)),
  );
  return { sources, patches };
}
