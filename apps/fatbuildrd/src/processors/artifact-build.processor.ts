import { Injectable } from '@nestjs/common';
import { BuildPipeline } from '@fatbuildr/builds';
import { InstancesService } from '@fatbuildr/instances';
import type { ParametersOf } from '@fatbuildr/protocol';
import { HandlesTask, type TaskContext, type TaskHandler } from '@fatbuildr/tasks';

@Injectable()
@HandlesTask('artifact build')
export class ArtifactBuildProcessor implements TaskHandler<'artifact build'> {
  constructor(
    private readonly pipeline: BuildPipeline,
    private readonly instances: InstancesService,
  ) {}

  run(parameters: ParametersOf<'artifact build'>, context: TaskContext): Promise<void> {
    return this.pipeline.run(this.instances.get(context.task.instance), parameters, context);
  }
}
