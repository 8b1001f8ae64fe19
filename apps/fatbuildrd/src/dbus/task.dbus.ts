import { Injectable } from '@nestjs/common';
import { INSTANCE_INTERFACE } from '@fatbuildr/protocol-dbus';
import { TasksService } from '@fatbuildr/tasks';
import { DbusInterface, DbusMethod, Polkit, type InstanceCall } from './dbus.decorators';
import { INSTANCES_PATH } from './fatbuildr.dbus';

/** The part of an instance that ends tasks before their time, and forgets those that ended. */
@Injectable()
@DbusInterface({ name: INSTANCE_INTERFACE, path: INSTANCES_PATH, perInstance: true })
export class TaskObject {
  constructor(private readonly tasks: TasksService) {}

  @Polkit('manage-task')
  @DbusMethod({
    in: { id: 's' },
    out: 'b',
    doc: 'Ends a task before its time: it fails with the reason "cancelled by …". True: it was pending and never runs; false: it was running and ends as soon as it can. A finished one is an error. Addition to Fatbuildr 2.1.',
  })
  taskCancel({ instance, user }: InstanceCall, id: string): Promise<boolean> {
    return this.tasks.cancel(instance.id, id, user);
  }

  @Polkit('purge-history')
  @DbusMethod({ out: 's' })
  historyPurge({ instance, user }: InstanceCall): Promise<string> {
    return this.tasks.submit(instance.id, user, { name: 'history purge' });
  }
}
