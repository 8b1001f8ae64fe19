import { Injectable } from '@nestjs/common';
import { version } from '@fatbuildr/config';
import { InstancesService } from '@fatbuildr/instances';
import {
  MANAGER_INTERFACE,
  MANAGER_PATH,
  toWire,
  type WireStructure,
} from '@fatbuildr/protocol-dbus';
import { DbusInterface, DbusMethod, DbusProperty, Polkit, type DbusCall } from './dbus.decorators';

export const INSTANCES_PATH = `${MANAGER_PATH}/Instances`;

/** The service itself: which instances there are. */
@Injectable()
@DbusInterface({ name: MANAGER_INTERFACE, path: MANAGER_PATH, perInstance: false })
export class FatbuildrObject {
  constructor(private readonly service: InstancesService) {}

  @Polkit('none')
  @DbusMethod({ in: { id: 's' }, out: 'o' })
  getInstance(_call: DbusCall, id: string): string {
    return `${INSTANCES_PATH}/${this.service.get(id).id}`;
  }

  @Polkit('view-pipeline')
  @DbusProperty({ type: 'aa{sv}' })
  instances(): WireStructure[] {
    return this.service.list().map(({ id, name, userid }) => toWire({ id, name, userid }));
  }

  @Polkit('none')
  @DbusProperty({ type: 's', doc: 'Version of the daemon. Addition to Fatbuildr 2.1.' })
  version(): string {
    return version;
  }
}
