import { join } from 'node:path';
import type { Instance, Pipeline } from '@fatbuildr/instances';
import type { ParametersOf, RegistryPlace } from '@fatbuildr/protocol';
import { SCRATCH } from '@fatbuildr/tasks';
import type { BuildTask } from './build-task';

export type BuildRequest = ParametersOf<'artifact build'>;

/** In the workspace: the definition as it was submitted, whatever its compression. */
export const DEFINITION_ARCHIVE = 'definition.archive';
/** In the workspace: the folder of the submitted archives of local sources. */
export const SOURCE_ARCHIVES = 'archives';

/** One build: what was asked, and where its steps find and leave things. */
export interface BuildContext {
  readonly task: BuildTask;
  readonly instance: Instance;
  readonly request: BuildRequest;
  readonly pipeline: Pipeline;
  readonly place: RegistryPlace;
  readonly folders: {
    readonly definition: string;
    readonly packaging: string;
    /** Kept with the task: what was built and what the checks found. */
    readonly results: string;
  };
}

export function buildContext(
  task: BuildTask,
  instance: Instance,
  request: BuildRequest,
): BuildContext {
  const { format, distribution, derivative } = request;
  const scratch = join(task.workspace, SCRATCH);
  return {
    task,
    instance,
    request,
    pipeline: instance.requirePipeline(format, distribution, derivative),
    place: { format, distribution, derivative },
    folders: {
      definition: join(scratch, 'definition'),
      packaging: join(scratch, 'packaging'),
      results: join(task.workspace, 'results'),
    },
  };
}
