import { Injectable } from '@nestjs/common';
import { recordedLock } from '@fatbuildr/builds';
import { INSTANCE_INTERFACE, toWire, type WireStructure } from '@fatbuildr/protocol-dbus';
import { checkFilter, TasksService } from '@fatbuildr/tasks';
import { DbusInterface, DbusMethod, Polkit, type InstanceCall } from './dbus.decorators';
import { INSTANCES_PATH } from './fatbuildr.dbus';

/** The part of an instance that finds tasks, ends them before their time, and forgets those that ended. */
@Injectable()
@DbusInterface({ name: INSTANCE_INTERFACE, path: INSTANCES_PATH, perInstance: true })
export class TaskObject {
  constructor(private readonly service: TasksService) {}

  @Polkit('view-task')
  @DbusMethod({
    in: { filter: 'a{sv}' },
    out: 'aa{sv}',
    doc: 'Tasks in any state, the one submitted last first. Members of the filter, all optional: states as, result s, name s, artifact s (part of its name, in any case), user s, format s, distribution s, derivative s, since and until i (seconds since the epoch, of the submission), before i (the sequence of a task: only those submitted before it, for pages), limit i. Addition to Fatbuildr 2.1.',
  })
  async tasks({ instance }: InstanceCall, filter: unknown): Promise<WireStructure[]> {
    return (await this.service.search(instance.id, checkFilter(filter))).map(toWire);
  }

  @Polkit('view-task')
  @DbusMethod({
    in: { id: 's' },
    out: 'aa{sv}',
    doc: 'How long the steps of a task usually take, by earlier tasks like it: name s, duration i (milliseconds). Empty when there were none. Addition to Fatbuildr 2.1.',
  })
  async taskEstimate({ instance }: InstanceCall, id: string): Promise<WireStructure[]> {
    return (await this.service.estimate(instance.id, id)).map(toWire);
  }

  @Polkit('view-task')
  @DbusMethod({
    in: { id: 's' },
    out: 's',
    doc: 'What the prescript of a finished build fetched, as the text of a prescript.lock. An error when it ran none. Addition to Fatbuildr 2.1.',
  })
  async taskPrescriptLock({ instance }: InstanceCall, id: string): Promise<string> {
    return recordedLock(await this.service.get(instance.id, id));
  }

  @Polkit('manage-task')
  @DbusMethod({
    in: { id: 's' },
    out: 'b',
    doc: 'Ends a task before its time: it fails with the reason "cancelled by …". True: it was pending and never runs; false: it was running and ends as soon as it can. A finished one is an error. Addition to Fatbuildr 2.1.',
  })
  taskCancel({ instance, user }: InstanceCall, id: string): Promise<boolean> {
    return this.service.cancel(instance.id, id, user);
  }

  @Polkit('purge-history')
  @DbusMethod({ out: 's' })
  historyPurge({ instance, user }: InstanceCall): Promise<string> {
    return this.service.submit(instance.id, user, { name: 'history purge' });
  }
}
