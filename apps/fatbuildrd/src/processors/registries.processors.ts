import { Injectable } from '@nestjs/common';
import { InstancesService } from '@fatbuildr/instances';
import type { ParametersOf } from '@fatbuildr/protocol';
import { RegistriesService } from '@fatbuildr/registries';
import { HandlesTask, type TaskContext, type TaskHandler } from '@fatbuildr/tasks';

@Injectable()
@HandlesTask('artifact deletion')
export class ArtifactDeletionProcessor implements TaskHandler<'artifact deletion'> {
  constructor(
    private readonly registries: RegistriesService,
    private readonly instances: InstancesService,
  ) {}

  async run(
    { format, distribution, derivative, artifact }: ParametersOf<'artifact deletion'>,
    { task, journal }: TaskContext,
  ): Promise<void> {
    const instance = this.instances.get(task.instance);
    const place = { format, distribution, derivative };
    const removed = await journal.step('delete', () =>
      this.registries.delete(instance, place, artifact, { task: task.id, user: task.user }),
    );
    for (const { name, version, architecture } of removed) {
      journal.log('info', `Deleted ${name} ${version} (${architecture})`);
    }
  }
}

@Injectable()
@HandlesTask('registry reindexing')
export class RegistryReindexingProcessor implements TaskHandler<'registry reindexing'> {
  constructor(
    private readonly registries: RegistriesService,
    private readonly instances: InstancesService,
  ) {}

  async run(
    { format }: ParametersOf<'registry reindexing'>,
    { task, journal }: TaskContext,
  ): Promise<void> {
    const instance = this.instances.get(task.instance);
    await journal.step('reindex', () =>
      this.registries.reindex(instance, format, { task: task.id, user: task.user, journal }),
    );
  }
}
