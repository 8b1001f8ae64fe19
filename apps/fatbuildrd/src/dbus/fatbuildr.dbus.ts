import { Injectable } from '@nestjs/common';
import { version } from '@fatbuildr/config';
import { InstancesService } from '@fatbuildr/instances';
import { DbusInterface, DbusMethod, DbusProperty, type DbusCall } from './dbus.decorators';
import { structures, type Structure } from './marshalling';

export const ROOT_PATH = '/org/rackslab/Fatbuildr';
export const INSTANCES_PATH = `${ROOT_PATH}/Instances`;

/** The service itself: which instances there are. */
@Injectable()
@DbusInterface({ name: 'org.rackslab.Fatbuildr', path: ROOT_PATH, perInstance: false })
export class FatbuildrObject {
  constructor(private readonly service: InstancesService) {}

  @DbusMethod({ in: { id: 's' }, out: 'o' })
  getInstance(_call: DbusCall, id: string): string {
    return `${INSTANCES_PATH}/${this.service.get(id).id}`;
  }

  @DbusProperty({ type: 'aa{sv}' })
  instances(): Structure[] {
    return structures(this.service.list().map(({ id, name, userid }) => ({ id, name, userid })));
  }

  @DbusProperty({ type: 's', doc: 'Version of the daemon. Addition to Fatbuildr 2.1.' })
  version(): string {
    return version;
  }
}
