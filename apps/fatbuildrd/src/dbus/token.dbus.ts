import { Injectable } from '@nestjs/common';
import { TokensService } from '@fatbuildr/access';
import { INSTANCE_INTERFACE, toWire, type WireStructure } from '@fatbuildr/protocol-dbus';
import { DbusInterface, DbusMethod, Polkit, type InstanceCall } from './dbus.decorators';
import { INSTANCES_PATH } from './fatbuildr.dbus';

/** Tokens of one instance for its HTTP interface. Everybody has to do with their own alone. */
@Injectable()
@DbusInterface({ name: INSTANCE_INTERFACE, path: INSTANCES_PATH, perInstance: true })
export class TokenObject {
  constructor(private readonly service: TokensService) {}

  @Polkit('manage-token')
  @DbusMethod({ out: 's' })
  async tokenGenerate({ instance, user }: InstanceCall): Promise<string> {
    return (await this.service.issue(instance.id, { user })).token;
  }

  @Polkit('manage-token')
  @DbusMethod({
    out: 'aa{sv}',
    doc: 'The tokens of the sender that are valid, newest first: id s, user s, description s, scopes as (none: not limited), issued, expires and, once used, used (epoch). Addition to Fatbuildr 2.1.',
  })
  async tokens({ instance, user }: InstanceCall): Promise<WireStructure[]> {
    return (await this.service.list(instance.id, { user })).map(toWire);
  }

  @Polkit('manage-token')
  @DbusMethod({
    in: { id: 's' },
    out: 's',
    doc: 'Makes a token of the sender worthless; answers its id. Addition to Fatbuildr 2.1.',
  })
  async tokenRevoke({ instance, user }: InstanceCall, id: string): Promise<string> {
    await this.service.revoke(instance.id, id, user);
    return id;
  }
}
