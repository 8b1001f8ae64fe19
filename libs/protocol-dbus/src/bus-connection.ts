import { EventEmitter } from 'node:events';
import { Message, sessionBus, type MessageBus, type Variant } from 'dbus-next';
import type { FatbuildrError } from '@fatbuildr/errors';
import type { Bus } from './bus';
import { busAddress, nodeSocketAddress } from './bus-address';
import { connectionStream } from './connection-stream';
import { callFailed, connectionFailed, daemonLost } from './dbus-client.errors';
import { exchangeMessages } from './message-exchange';
import { BUS_NAME } from './names';

const DBUS = 'org.freedesktop.DBus';
const DBUS_PATH = '/org/freedesktop/DBus';

/** A member of an object of the daemon, with the signature of its arguments. */
export interface Call {
  path: string;
  interface: string;
  member: string;
  signature?: string;
  body?: unknown[];
}

/** A signal of the daemon that a caller waits for. */
export type SignalListener = (body: unknown[]) => void;

/**
 * One connection to a bus, for calls to the daemon. Calls carry their signatures themselves: asking the
 * daemon for its introspection first would double the time of a query.
 */
export class BusConnection {
  /** Emits `lost` once, when the daemon or the bus is gone. */
  private readonly events = new EventEmitter();
  private fault: FatbuildrError | undefined;
  private closing = false;

  private constructor(
    readonly bus: Bus,
    private readonly connection: MessageBus,
  ) {
    this.events.setMaxListeners(0);
    connection.on('error', (fault) => this.lose(connectionFailed(fault, bus)));
    connectionStream(connection).on('close', () => this.lose(daemonLost(bus)));
    connection.on('message', (message) => this.noticeOwner(message));
  }

  /** @throws FatbuildrError `DBUS.UNREACHABLE`, `DBUS.NO_DAEMON` */
  static async open(bus: Bus): Promise<BusConnection> {
    const address = nodeSocketAddress(await busAddress(bus));
    let connection: MessageBus;
    try {
      // Cookie authentication writes into the user's home; every bus we meet knows its peer's user.
      connection = sessionBus({ busAddress: address, authMethods: ['EXTERNAL'] });
      exchangeMessages(connection);
    } catch (fault) {
      throw connectionFailed(fault, bus);
    }
    const opened = new BusConnection(bus, connection);
    await opened.unlessLost(new Promise<void>((resolve) => connection.once('connect', resolve)));
    return opened;
  }

  async call(call: Call): Promise<unknown[]> {
    const message = new Message({ destination: BUS_NAME, ...call });
    try {
      const reply = await this.unlessLost(this.connection.call(message));
      return (reply?.body ?? []) as unknown[];
    } catch (thrown) {
      throw callFailed(thrown, this.bus, call.member);
    }
  }

  async property(path: string, inInterface: string, name: string): Promise<unknown> {
    const [value] = await this.call({
      path,
      interface: `${DBUS}.Properties`,
      member: 'Get',
      signature: 'ss',
      body: [inInterface, name],
    });
    return (value as Variant).value as unknown;
  }

  /**
   * Hears a signal of the daemon until the returned function is called. The bus has acknowledged the
   * subscription when this resolves: nothing sent afterwards is missed.
   */
  async listen(
    { path, interface: from, member }: Omit<Call, 'signature' | 'body'>,
    listener: SignalListener,
  ): Promise<() => void> {
    const rules = [
      `type='signal',sender='${BUS_NAME}',path='${path}',interface='${from}',member='${member}'`,
      `type='signal',sender='${DBUS}',member='NameOwnerChanged',arg0='${BUS_NAME}'`,
    ];
    const hear = (message: Message) => {
      if (message.path === path && message.interface === from && message.member === member) {
        listener(message.body as unknown[]);
      }
    };
    this.connection.on('message', hear);
    for (const rule of rules) await this.match('AddMatch', rule);
    return () => {
      this.connection.off('message', hear);
      if (this.closing || this.fault) return;
      // The connection may end first, which drops the subscription as well.
      for (const rule of rules) this.match('RemoveMatch', rule).catch(() => undefined);
    };
  }

  /** The work's result, or the fault that ends the connection, whichever is first. */
  async unlessLost<T>(work: Promise<T>): Promise<T> {
    if (this.fault) {
      work.catch(() => undefined);
      throw this.fault;
    }
    let lost: ((fault: FatbuildrError) => void) | undefined;
    const loss = new Promise<never>((_, reject) => {
      lost = reject;
      this.events.once('lost', lost);
    });
    try {
      return await Promise.race([work, loss]);
    } finally {
      if (lost) this.events.off('lost', lost);
    }
  }

  close(): void {
    this.closing = true;
    if (!this.fault) this.connection.disconnect();
  }

  private async match(member: 'AddMatch' | 'RemoveMatch', rule: string): Promise<void> {
    const message = new Message({
      destination: DBUS,
      path: DBUS_PATH,
      interface: DBUS,
      member,
      signature: 's',
      body: [rule],
    });
    await this.unlessLost(this.connection.call(message));
  }

  private noticeOwner(message: Message): void {
    if (message.member !== 'NameOwnerChanged' || message.sender !== DBUS) return;
    const [name, , owner] = message.body as string[];
    if (name === BUS_NAME && owner === '') this.lose(daemonLost(this.bus));
  }

  private lose(fault: FatbuildrError): void {
    if (this.fault || this.closing) return;
    this.fault = fault;
    this.events.emit('lost', fault);
    this.connection.disconnect();
  }
}
