import { userInfo } from 'node:os';
import { Injectable, Logger } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { InstancesService } from '@fatbuildr/instances';
import { fromWire } from '@fatbuildr/protocol-dbus';
import { Message, Variant, type MessageBus } from 'dbus-next';
import { badArguments, dbusError, notAuthorized } from './dbus.errors';
import {
  interfaceOf,
  type DbusCall,
  type DbusInterfaceMetadata,
  type DbusMember,
  type InstanceCall,
} from './dbus.decorators';
import { introspection } from './introspection';

const PROPERTIES = 'org.freedesktop.DBus.Properties';
const INTROSPECTABLE = 'org.freedesktop.DBus.Introspectable';
/** Senders whose user is remembered: every run of a client is a new one. */
const KNOWN_SENDERS = 256;

type Handler = (call: DbusCall, ...args: unknown[]) => unknown;

/** An object on the bus: its interface, the provider that implements it, and its instance if it has one. */
interface BoundObject {
  metadata: DbusInterfaceMetadata;
  provider: Record<string, Handler>;
  instance: string | undefined;
}

/**
 * Binds the providers marked with `@DbusInterface` to object paths and answers the calls to them. We
 * dispatch ourselves because dbus-next's own service objects hide the sender and have synchronous
 * properties only.
 */
@Injectable()
export class DbusDispatcher {
  private readonly logger = new Logger('dbus');
  private readonly objects = new Map<string, BoundObject>();
  private readonly users = new Map<string, Promise<number>>();

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly instances: InstancesService,
  ) {}

  /** Serves all objects on a bus. */
  serve(bus: MessageBus): void {
    for (const { instance: provider, metatype } of this.discovery.getProviders()) {
      const metadata = metatype ? interfaceOf(metatype) : undefined;
      if (metadata === undefined) continue;
      const object = { metadata, provider: provider as Record<string, Handler> };
      if (!metadata.perInstance) {
        this.objects.set(metadata.path, { ...object, instance: undefined });
        continue;
      }
      for (const { id } of this.instances.list()) {
        this.objects.set(`${metadata.path}/${id}`, { ...object, instance: id });
      }
    }
    bus.addMethodHandler((message: Message) => {
      if (message.interface === 'org.freedesktop.DBus.Peer') return false;
      // What cannot even be answered, on a bus that is going away, must not end the process.
      this.answer(bus, message).catch((fault: unknown) => this.logger.error(fault));
      return true;
    });
  }

  private async answer(bus: MessageBus, message: Message): Promise<void> {
    try {
      const call = await this.caller(bus, message.sender ?? '');
      const reply = await this.dispatch(call, message);
      bus.send(Message.newMethodReturn(message, reply.signature, reply.body));
    } catch (fault) {
      if (fault instanceof UnknownMember) {
        bus.send(errorReply(message, fault.dbusName, fault.message));
        return;
      }
      const { name, text, foreseen } = dbusError(fault);
      if (!foreseen) this.logger.error(fault);
      bus.send(errorReply(message, name, text));
    }
  }

  /** Who sends: until there is polkit, only the daemon's own user is let in. */
  private async caller(bus: MessageBus, sender: string): Promise<DbusCall> {
    const own = userInfo();
    let user = this.users.get(sender);
    if (user === undefined) {
      user = unixUser(bus, sender);
      // Unique names are never used twice on a bus, so what is known stays true.
      this.users.set(sender, user);
      user.catch(() => this.users.delete(sender));
      const [oldest] = this.users.keys();
      if (this.users.size > KNOWN_SENDERS && oldest !== undefined) this.users.delete(oldest);
    }
    const uid = await user;
    if (uid !== own.uid) throw notAuthorized(String(uid), own.username);
    return { uid, user: own.username };
  }

  private async dispatch(
    call: DbusCall,
    message: Message,
  ): Promise<{ signature: string; body: unknown[] }> {
    const path = message.path ?? '/';
    if (message.interface === INTROSPECTABLE && message.member === 'Introspect') {
      return { signature: 's', body: [this.introspect(path)] };
    }
    const object = this.objects.get(path);
    if (object === undefined) {
      throw new UnknownMember('UnknownObject', `there is no object at ${path}`);
    }
    if (message.interface === PROPERTIES) return this.properties(call, object, message);
    const member = object.metadata.members.find(
      ({ kind, name }) => kind === 'method' && name === message.member,
    );
    if (member === undefined || (message.interface && message.interface !== object.metadata.name)) {
      throw new UnknownMember('UnknownMethod', `${path} has no method ${message.member}`);
    }
    const expected = Object.values(member.in).join('');
    if ((message.signature ?? '') !== expected) {
      throw badArguments(member.name, expected, message.signature ?? '');
    }
    const result = await this.invoke(call, object, member, (message.body ?? []).map(fromWire));
    return { signature: member.out, body: [result] };
  }

  private async properties(
    call: DbusCall,
    object: BoundObject,
    message: Message,
  ): Promise<{ signature: string; body: unknown[] }> {
    const { name, members } = object.metadata;
    const [asked, property] = message.body as [string, string | undefined];
    const known = members.filter(({ kind }) => kind === 'property');
    if (asked !== '' && asked !== name) {
      throw new UnknownMember('UnknownInterface', `${message.path} has no interface ${asked}`);
    }
    if (message.member === 'GetAll') {
      const values: Record<string, Variant> = {};
      for (const member of known) {
        // What has no value now (no running task, no keyring) is left out, as an error would hide the rest.
        const value = await this.invoke(call, object, member, []).catch((fault: unknown) => {
          if (!dbusError(fault).foreseen) throw fault;
        });
        if (value !== undefined) values[member.name] = new Variant(member.out, value);
      }
      return { signature: 'a{sv}', body: [values] };
    }
    const member = known.find((one) => one.name === property);
    if (member === undefined) {
      throw new UnknownMember('UnknownProperty', `${name} has no property ${property}`);
    }
    if (message.member !== 'Get') {
      throw new UnknownMember('PropertyReadOnly', `property ${property} can only be read`);
    }
    const value = await this.invoke(call, object, member, []);
    return { signature: 'v', body: [new Variant(member.out, value)] };
  }

  private async invoke(
    call: DbusCall,
    object: BoundObject,
    member: DbusMember,
    args: unknown[],
  ): Promise<unknown> {
    const full: DbusCall | InstanceCall =
      object.instance === undefined
        ? call
        : { ...call, instance: this.instances.get(object.instance) };
    return object.provider[member.key]!(full, ...args);
  }

  private introspect(path: string): string {
    const object = this.objects.get(path);
    const prefix = path === '/' ? '/' : `${path}/`;
    const children = new Set<string>();
    for (const known of this.objects.keys()) {
      if (known.startsWith(prefix)) children.add(known.slice(prefix.length).split('/')[0]!);
    }
    if (object === undefined && children.size === 0) {
      throw new UnknownMember('UnknownObject', `there is no object at ${path}`);
    }
    return introspection(object ? [object.metadata] : [], [...children].sort());
  }
}

/** A fault of the call itself, answered with a name of the D-Bus specification. */
class UnknownMember extends Error {
  readonly dbusName: string;

  constructor(kind: string, message: string) {
    super(message);
    this.dbusName = `org.freedesktop.DBus.Error.${kind}`;
  }
}

/** The library's declaration takes the call for a text. */
const errorReply = (call: Message, name: string, text: string): Message =>
  Message.newError(call as unknown as string, name, text);

async function unixUser(bus: MessageBus, sender: string): Promise<number> {
  const reply = await bus.call(
    new Message({
      destination: 'org.freedesktop.DBus',
      path: '/org/freedesktop/DBus',
      interface: 'org.freedesktop.DBus',
      member: 'GetConnectionUnixUser',
      signature: 's',
      body: [sender],
    }),
  );
  return Number(reply?.body[0]);
}
