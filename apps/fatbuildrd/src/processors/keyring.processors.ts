import { Injectable } from '@nestjs/common';
import { InstancesService } from '@fatbuildr/instances';
import { KeyringService } from '@fatbuildr/keyring';
import type { ParametersOf } from '@fatbuildr/protocol';
import { RegistriesService } from '@fatbuildr/registries';
import { HandlesTask, type TaskContext, type TaskHandler } from '@fatbuildr/tasks';

@Injectable()
@HandlesTask('keyring creation')
export class KeyringCreationProcessor implements TaskHandler<'keyring creation'> {
  constructor(
    private readonly keyring: KeyringService,
    private readonly instances: InstancesService,
  ) {}

  async run(
    _parameters: ParametersOf<'keyring creation'>,
    { task, journal }: TaskContext,
  ): Promise<void> {
    const instance = this.instances.get(task.instance);
    await journal.step('create', () => this.keyring.create(instance));
    const { userid, fingerprint } = await this.keyring.describe(instance);
    journal.log('info', `Created key ${fingerprint} of ${userid}`);
  }
}

@Injectable()
@HandlesTask('keyring renewal')
export class KeyringRenewalProcessor implements TaskHandler<'keyring renewal'> {
  constructor(
    private readonly keyring: KeyringService,
    private readonly registries: RegistriesService,
    private readonly instances: InstancesService,
  ) {}

  async run(
    { duration }: ParametersOf<'keyring renewal'>,
    { task, journal }: TaskContext,
  ): Promise<void> {
    const instance = this.instances.get(task.instance);
    await journal.step('renew', () => this.keyring.renew(instance, duration));
    // Clients take the public key from the registries too: they get the renewed one.
    await journal.step('refresh registries', () =>
      this.registries.refresh(instance, { task: task.id, user: task.user }),
    );
    const { fingerprint, expires } = await this.keyring.describe(instance);
    journal.log('info', `Key ${fingerprint} now expires: ${expires}`);
  }
}
