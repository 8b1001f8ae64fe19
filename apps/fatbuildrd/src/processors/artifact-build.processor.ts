import { Injectable } from '@nestjs/common';
import { BuildPipeline, KeptBuilds } from '@fatbuildr/builds';
import { InstancesService } from '@fatbuildr/instances';
import type { ParametersOf } from '@fatbuildr/protocol';
import { HandlesTask, type TaskContext, type TaskHandler } from '@fatbuildr/tasks';

@Injectable()
@HandlesTask('artifact build')
export class ArtifactBuildProcessor implements TaskHandler<'artifact build'> {
  constructor(
    private readonly pipeline: BuildPipeline,
    private readonly kept: KeptBuilds,
    private readonly instances: InstancesService,
  ) {}

  run(parameters: ParametersOf<'artifact build'>, context: TaskContext): Promise<void> {
    const { keep_failed: time } = parameters;
    const keep = time === undefined ? {} : { keep: this.kept.keeper(context, time) };
    const instance = this.instances.get(context.task.instance);
    return this.pipeline.run(instance, parameters, { ...context, ...keep });
  }
}

@Injectable()
@HandlesTask('failed build shell')
export class FailedBuildShellProcessor implements TaskHandler<'failed build shell'> {
  constructor(
    private readonly kept: KeptBuilds,
    private readonly instances: InstancesService,
  ) {}

  run(parameters: ParametersOf<'failed build shell'>, context: TaskContext): Promise<void> {
    return this.kept.shell(this.instances.get(context.task.instance), parameters, context);
  }
}
