import { Injectable } from '@nestjs/common';
import { ImagesService } from '@fatbuildr/images';
import { InstancesService } from '@fatbuildr/instances';
import type { ParametersOf } from '@fatbuildr/protocol';
import { HandlesTask, type TaskContext, type TaskHandler } from '@fatbuildr/tasks';

@Injectable()
@HandlesTask('image creation')
export class ImageCreationProcessor implements TaskHandler<'image creation'> {
  constructor(
    private readonly images: ImagesService,
    private readonly instances: InstancesService,
  ) {}

  async run(
    { format, force }: ParametersOf<'image creation'>,
    context: TaskContext,
  ): Promise<void> {
    await this.images.create(this.instances.get(context.task.instance), format, { force }, context);
  }
}

@Injectable()
@HandlesTask('image update')
export class ImageUpdateProcessor implements TaskHandler<'image update'> {
  constructor(
    private readonly images: ImagesService,
    private readonly instances: InstancesService,
  ) {}

  async run({ format }: ParametersOf<'image update'>, context: TaskContext): Promise<void> {
    await this.images.update(this.instances.get(context.task.instance), format, context);
  }
}

@Injectable()
@HandlesTask('image build environment creation')
export class EnvironmentCreationProcessor implements TaskHandler<'image build environment creation'> {
  constructor(
    private readonly images: ImagesService,
    private readonly instances: InstancesService,
  ) {}

  async run(
    { format, environment, architecture }: ParametersOf<'image build environment creation'>,
    context: TaskContext,
  ): Promise<void> {
    const instance = this.instances.get(context.task.instance);
    await this.images.createEnvironment(instance, format, environment, architecture, context);
  }
}

@Injectable()
@HandlesTask('image build environment update')
export class EnvironmentUpdateProcessor implements TaskHandler<'image build environment update'> {
  constructor(
    private readonly images: ImagesService,
    private readonly instances: InstancesService,
  ) {}

  async run(
    { format, environment, architecture }: ParametersOf<'image build environment update'>,
    context: TaskContext,
  ): Promise<void> {
    const instance = this.instances.get(context.task.instance);
    await this.images.updateEnvironment(instance, format, environment, architecture, context);
  }
}

@Injectable()
@HandlesTask('image shell')
export class ImageShellProcessor implements TaskHandler<'image shell'> {
  constructor(
    private readonly images: ImagesService,
    private readonly instances: InstancesService,
  ) {}

  async run(parameters: ParametersOf<'image shell'>, context: TaskContext): Promise<void> {
    const instance = this.instances.get(context.task.instance);
    await this.images.shell(instance, parameters.format, parameters, context);
  }
}

@Injectable()
@HandlesTask('image build environment shell')
export class EnvironmentShellProcessor implements TaskHandler<'image build environment shell'> {
  constructor(
    private readonly images: ImagesService,
    private readonly instances: InstancesService,
  ) {}

  async run(
    parameters: ParametersOf<'image build environment shell'>,
    context: TaskContext,
  ): Promise<void> {
    const { format, environment, architecture } = parameters;
    await this.images.environmentShell(
      this.instances.get(context.task.instance),
      ...([format, environment, architecture] as const),
      ...([parameters, context] as const),
    );
  }
}
