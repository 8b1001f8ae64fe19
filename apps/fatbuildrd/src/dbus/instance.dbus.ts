import { Injectable } from '@nestjs/common';
import { TASK_ACTIONS } from '@fatbuildr/access';
import { parseDuration } from '@fatbuildr/config';
import { messageOf } from '@fatbuildr/errors';
import { KeyringService } from '@fatbuildr/keyring';
import type { TaskParameters } from '@fatbuildr/protocol';
import { INSTANCE_INTERFACE, toWire, type WireStructure } from '@fatbuildr/protocol-dbus';
import { noRunningTask, TaskRetries, TasksService } from '@fatbuildr/tasks';
import { badArgument } from './dbus.errors';
import {
  DbusInterface,
  DbusMethod,
  DbusProperty,
  Polkit,
  type InstanceCall,
} from './dbus.decorators';
import { INSTANCES_PATH } from './fatbuildr.dbus';

/** One instance: its pipelines, tasks and keyring. */
@Injectable()
@DbusInterface({
  name: INSTANCE_INTERFACE,
  path: INSTANCES_PATH,
  perInstance: true,
  signals: [
    {
      name: 'TaskStateChanged',
      arguments: { id: 's', state: 's', result: 's' },
      doc: 'A task was submitted, started or ended. Addition to Fatbuildr 2.1.',
    },
  ],
})
export class InstanceObject {
  constructor(
    private readonly tasks: TasksService,
    private readonly retries: TaskRetries,
    private readonly keys: KeyringService,
  ) {}

  @Polkit('view-pipeline')
  @DbusProperty({ type: 'a{sv}' })
  instance({ instance: { id, name, userid } }: InstanceCall): WireStructure {
    return toWire({ id, name, userid });
  }

  // Pipelines

  @Polkit('view-pipeline')
  @DbusProperty({ type: 'as' })
  pipelinesFormats({ instance }: InstanceCall): readonly string[] {
    return instance.formats;
  }

  @Polkit('view-pipeline')
  @DbusProperty({ type: 'as' })
  pipelinesArchitectures({ instance }: InstanceCall): readonly string[] {
    return instance.architectures;
  }

  @Polkit('view-pipeline')
  @DbusMethod({ in: { format: 's' }, out: 'as' })
  pipelinesFormatDistributions({ instance }: InstanceCall, format: string): readonly string[] {
    return instance.distributions(format);
  }

  @Polkit('view-pipeline')
  @DbusMethod({ in: { distribution: 's' }, out: 's' })
  pipelinesDistributionFormat({ instance }: InstanceCall, distribution: string): string {
    return instance.distributionFormat(distribution);
  }

  @Polkit('view-pipeline')
  @DbusMethod({ in: { distribution: 's' }, out: 's' })
  pipelinesDistributionEnvironment({ instance }: InstanceCall, distribution: string): string {
    return instance.distributionEnvironment(distribution) ?? 'none';
  }

  @Polkit('view-pipeline')
  @DbusMethod({ in: { distribution: 's' }, out: 'as' })
  pipelinesDistributionDerivatives(
    { instance }: InstanceCall,
    distribution: string,
  ): readonly string[] {
    return instance.distributionDerivatives(distribution);
  }

  @Polkit('view-pipeline')
  @DbusMethod({ in: { derivative: 's' }, out: 'as' })
  pipelinesDerivativeFormats({ instance }: InstanceCall, derivative: string): readonly string[] {
    return instance.derivativeFormats(derivative);
  }

  // Tasks

  @Polkit('view-task')
  @DbusProperty({
    type: 'aa{sv}',
    doc: 'Tasks that wait, in the order of their submission. Additions to Fatbuildr 2.1: position i, from 1 on, the place of the task in the order in which they start; waiting s, what it waits for.',
  })
  async queue({ instance }: InstanceCall): Promise<WireStructure[]> {
    return (await this.tasks.queue(instance.id)).map(toWire);
  }

  @Polkit('view-task')
  @DbusProperty({ type: 'a{sv}' })
  async running({ instance }: InstanceCall): Promise<WireStructure> {
    const [oldest] = await this.tasks.running(instance.id);
    if (oldest === undefined) throw noRunningTask(instance.id);
    return toWire(oldest);
  }

  @Polkit('view-task')
  @DbusProperty({
    type: 'aa{sv}',
    doc: 'All running tasks, the one submitted first first, which is also Running. Addition to Fatbuildr 2.1.',
  })
  async runningTasks({ instance }: InstanceCall): Promise<WireStructure[]> {
    return (await this.tasks.running(instance.id)).map(toWire);
  }

  @Polkit('view-task')
  @DbusMethod({ in: { limit: 'i' }, out: 'aa{sv}' })
  async history({ instance }: InstanceCall, limit: number): Promise<WireStructure[]> {
    return (await this.tasks.history(instance.id, limit)).map(toWire);
  }

  @Polkit('view-task')
  @DbusMethod({ in: { limit: 'i' }, out: 'aa{sv}', doc: 'Alias of History.' })
  archives(call: InstanceCall, limit: number): Promise<WireStructure[]> {
    return this.history(call, limit);
  }

  @Polkit('view-task')
  @DbusMethod({
    in: { id: 's' },
    out: 'a{sv}',
    doc: 'A task in any state. Addition to Fatbuildr 2.1.',
  })
  async task({ instance }: InstanceCall, id: string): Promise<WireStructure> {
    return toWire(await this.tasks.get(instance.id, id));
  }

  @Polkit('view-task')
  @DbusMethod({
    in: { id: 's' },
    out: 's',
    doc: 'Submits a finished task again, as a new task of the sender that names the old one. Requires also the action it took to submit the old one. Addition to Fatbuildr 2.1.',
  })
  async taskRetry({ instance, user, authorize }: InstanceCall, id: string): Promise<string> {
    const { name } = await this.tasks.get(instance.id, id);
    await authorize(TASK_ACTIONS[name]);
    return this.retries.retry(instance.id, id, user);
  }

  // Keyring

  @Polkit('view-keyring')
  @DbusProperty({ type: 'a{sv}' })
  async keyring({ instance }: InstanceCall): Promise<WireStructure> {
    return toWire(await this.keys.describe(instance));
  }

  @Polkit('view-keyring')
  @DbusProperty({ type: 's' })
  keyringExport({ instance }: InstanceCall): Promise<string> {
    return this.keys.export(instance);
  }

  @Polkit('edit-keyring')
  @DbusMethod({ out: 's' })
  keyringCreate(call: InstanceCall): Promise<string> {
    return this.submit(call, { name: 'keyring creation' });
  }

  @Polkit('edit-keyring')
  @DbusMethod({ in: { duration: 's' }, out: 's' })
  async keyringRenew(call: InstanceCall, duration: string): Promise<string> {
    // Refused now and not in the queue.
    try {
      parseDuration(duration);
    } catch (fault) {
      throw badArgument('duration', messageOf(fault));
    }
    return this.submit(call, { name: 'keyring renewal', duration });
  }

  private submit({ instance, user }: InstanceCall, parameters: TaskParameters): Promise<string> {
    return this.tasks.submit(instance.id, user, parameters);
  }
}
