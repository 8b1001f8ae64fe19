import { userInfo } from 'node:os';
import type { Action } from '@fatbuildr/access';
import { messageOf } from '@fatbuildr/errors';
import { Message, Variant, type MessageBus } from 'dbus-next';
import { askBus } from './ask-bus';
import type { DbusSender } from './dbus.decorators';
import { notAuthorized, notTheOwner, polkitUndecided } from './dbus.errors';
import { actionId } from './polkit-actions';

/** Who may do what on a bus. */
export interface DbusAccess {
  /** @throws FatbuildrError `DBUS.NOT_AUTHORIZED` when the caller gets no answer at all */
  admit(call: DbusSender): void;
  /**
   * @param interaction whether the caller's user may be asked for a password meanwhile
   * @throws FatbuildrError `DBUS.NOT_AUTHORIZED`
   */
  authorize(call: DbusSender, action: Action, interaction: boolean): Promise<void>;
}

/** On a bus of one user's own, that user may do everything and others nothing. */
export class OwnerAccess implements DbusAccess {
  private readonly owner = userInfo();

  admit({ uid, user }: DbusSender): void {
    if (uid !== this.owner.uid) throw notTheOwner(user, this.owner.username);
  }

  authorize(): Promise<void> {
    return Promise.resolve();
  }
}

const POLKIT = 'org.freedesktop.PolicyKit1';
const AUTHORITY = {
  path: '/org/freedesktop/PolicyKit1/Authority',
  interface: `${POLKIT}.Authority`,
};
const ALLOW_INTERACTION = 1;
/** Errors of the bus for a service that does not run and cannot be started. */
const ABSENT = /\.(ServiceUnknown|NameHasNoOwner|Spawn\.\w+)$/;

type Answer = [authorized: boolean, challenge: boolean, details: Record<string, string>];

/** On the system bus, polkit decides for each caller; the documentation is docs/authorization.md. */
export class PolkitAccess implements DbusAccess {
  private readonly own = userInfo().uid;

  constructor(private readonly bus: MessageBus) {}

  /** What needs no action may be known to every user of the host. */
  admit(): void {}

  async authorize(call: DbusSender, action: Action, interaction: boolean): Promise<void> {
    // polkit itself allows root everything; asking would only make root depend on it.
    if (call.uid === 0 || call.uid === this.own) return;
    const id = actionId(action);
    const [authorized] = await this.check(call.sender, id, interaction).catch((fault: unknown) => {
      throw polkitUndecided(call.user, id, reasonOf(fault));
    });
    if (!authorized) throw notAuthorized(call.user, id);
  }

  /** Whether polkit runs, or will be started when it is asked. */
  async available(): Promise<boolean> {
    const [has, startable] = await Promise.all([
      askBus(this.bus, 'NameHasOwner', 's', [POLKIT]),
      askBus(this.bus, 'ListActivatableNames'),
    ]);
    return has === true || (startable as string[]).includes(POLKIT);
  }

  private async check(sender: string, id: string, interaction: boolean): Promise<Answer> {
    const reply = await this.bus.call(
      new Message({
        destination: POLKIT,
        ...AUTHORITY,
        member: 'CheckAuthorization',
        signature: '(sa{sv})sa{ss}us',
        body: [
          ['system-bus-name', { name: new Variant('s', sender) }],
          id,
          {},
          interaction ? ALLOW_INTERACTION : 0,
          '',
        ],
      }),
    );
    return reply!.body[0] as Answer;
  }
}

function reasonOf(fault: unknown): string {
  const name = fault instanceof Error && 'type' in fault ? String(fault.type) : '';
  return ABSENT.test(name) ? 'it does not run on this host, install polkitd' : messageOf(fault);
}
