import type { AuditService } from '@fatbuildr/access';
import type { DiscoveryService } from '@nestjs/core';
import type { InstancesService } from '@fatbuildr/instances';
import { Calls } from './calls';
import { DbusInterface, DbusMethod, Polkit } from './dbus.decorators';
import { DbusDispatcher } from './dbus.dispatcher';
import { Senders } from './senders';

@DbusInterface({ name: 'com.example.Door', path: '/door', perInstance: false })
class Door {
  @DbusMethod({ out: 's' })
  @Polkit('none')
  knock(): string {
    return 'who is there?';
  }

  @DbusMethod({ out: 's' })
  open(): string {
    return 'come in';
  }
}

describe('the dispatcher', () => {
  it('does not start with a member that does not say what it requires', () => {
    const discovery = { getProviders: () => [{ instance: new Door(), metatype: Door }] };
    const dispatcher = new DbusDispatcher(
      discovery as unknown as DiscoveryService,
      { list: () => [] } as unknown as InstancesService,
      new Senders(),
      new Calls(),
      {} as AuditService,
    );
    expect(() => dispatcher.bind()).toThrow(
      'member Open of com.example.Door does not say which action it requires',
    );
  });
});
