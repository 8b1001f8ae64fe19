import { Injectable } from '@nestjs/common';
import { KeyringService } from '@fatbuildr/keyring';
import type { ParametersOf } from '@fatbuildr/protocol';
import { HandlesTask, type TaskContext, type TaskHandler } from '@fatbuildr/tasks';
import { InstancesService } from '@fatbuildr/instances';

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
    const { userid, fingerprint } = await this.keyring.describe(instance.id);
    journal.log('info', `Created key ${fingerprint} of ${userid}`);
  }
}

@Injectable()
@HandlesTask('keyring renewal')
export class KeyringRenewalProcessor implements TaskHandler<'keyring renewal'> {
  constructor(private readonly keyring: KeyringService) {}

  async run(
    { duration }: ParametersOf<'keyring renewal'>,
    { task, journal }: TaskContext,
  ): Promise<void> {
    await journal.step('renew', () => this.keyring.renew(task.instance, duration));
    const { fingerprint, expires } = await this.keyring.describe(task.instance);
    journal.log('info', `Key ${fingerprint} now expires: ${expires}`);
  }
}
