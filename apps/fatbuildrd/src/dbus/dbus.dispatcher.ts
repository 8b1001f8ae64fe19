import { Injectable, Logger } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { AuditService, type Action } from '@fatbuildr/access';
import { InstancesService } from '@fatbuildr/instances';
import { fromWire } from '@fatbuildr/protocol-dbus';
import { Message, Variant, type MessageBus } from 'dbus-next';
import type { DbusAccess } from './access';
import { auditedCall } from './audited-call';
import { Calls } from './calls';
import { badArguments, dbusError, unguardedMember } from './dbus.errors';
import {
  interfaceOf,
  type DbusCall,
  type DbusInterfaceMetadata,
  type DbusMember,
  type InstanceCall,
} from './dbus.decorators';
import { introspection } from './introspection';
import { Senders } from './senders';

const PROPERTIES = 'org.freedesktop.DBus.Properties';
const INTROSPECTABLE = 'org.freedesktop.DBus.Introspectable';

type Handler = (call: DbusCall, ...args: unknown[]) => unknown;

/** A part of an object's interface and the provider that implements it. */
interface Part {
  metadata: DbusInterfaceMetadata;
  provider: Record<string, Handler>;
}

/** An object on the bus: its interface, in one or several parts, and its instance if it has one. */
interface BoundObject {
  parts: Part[];
  instance: string | undefined;
}

type BoundMember = DbusMember & Pick<Part, 'provider'>;

/**
 * Binds the providers marked with `@DbusInterface` to object paths and answers the calls to them. We
 * dispatch ourselves because dbus-next's own service objects hide the sender and have synchronous
 * properties only.
 */
@Injectable()
export class DbusDispatcher {
  private readonly logger = new Logger('dbus');
  private readonly objects = new Map<string, BoundObject>();

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly instances: InstancesService,
    private readonly senders: Senders,
    private readonly calls: Calls,
    private readonly audit: AuditService,
  ) {}

  /**
   * Finds the objects; to be called once, before they are served.
   *
   * @throws FatbuildrError `DBUS.UNGUARDED` when a member does not say whom it is for
   */
  bind(): void {
    for (const { instance: provider, metatype } of this.discovery.getProviders()) {
      const metadata = metatype ? interfaceOf(metatype) : undefined;
      if (metadata === undefined) continue;
      for (const { name, requires } of metadata.members) {
        if (requires === undefined) throw unguardedMember(metadata.name, name);
      }
      const part = { metadata, provider: provider as Record<string, Handler> };
      if (metadata.perInstance) {
        for (const { id } of this.instances.list()) this.add(`${metadata.path}/${id}`, part, id);
      } else {
        this.add(metadata.path, part, undefined);
      }
    }
  }

  /** Serves all objects on a bus, to those its rules let in. */
  serve(bus: MessageBus, access: DbusAccess): void {
    bus.addMethodHandler((message: Message) => {
      const ping = message.interface === 'org.freedesktop.DBus.Peer';
      // What cannot even be answered, on a bus that is going away, must not end the process.
      const answer = ping
        ? Promise.resolve()
        : this.answer(bus, access, message).catch((fault: unknown) => this.logger.error(fault));
      this.calls.begin(answer);
      return !ping;
    });
  }

  private add(path: string, part: Part, instance: string | undefined): void {
    const object = this.objects.get(path) ?? { parts: [], instance };
    object.parts.push(part);
    this.objects.set(path, object);
  }

  private async answer(bus: MessageBus, access: DbusAccess, message: Message): Promise<void> {
    try {
      const sender = await this.senders.identify(bus, message.sender ?? '');
      access.admit(sender);
      const authorize = (action: Action, interaction = true) =>
        access.authorize(sender, action, interaction);
      const reply = await this.dispatch({ ...sender, authorize }, message);
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
    const { name } = object.parts[0]!.metadata;
    const member = membersOf(object, 'method').find((one) => one.name === message.member);
    if (member === undefined || (message.interface && message.interface !== name)) {
      throw new UnknownMember('UnknownMethod', `${path} has no method ${message.member}`);
    }
    const expected = Object.values(member.in).join('');
    if ((message.signature ?? '') !== expected) {
      throw badArguments(member.name, expected, message.signature ?? '');
    }
    const args = (message.body ?? []).map(fromWire);
    const called = { instance: object.instance, name: member.name, args };
    const audited = auditedCall(this.audit, call, called);
    await authorizeMember(audited.call, member);
    const result = await audited.run(() => this.invoke(audited.call, object, member, args));
    return { signature: member.out, body: [result] };
  }

  private async properties(
    call: DbusCall,
    object: BoundObject,
    message: Message,
  ): Promise<{ signature: string; body: unknown[] }> {
    const { name } = object.parts[0]!.metadata;
    const [asked, property] = message.body as [string, string | undefined];
    const known = membersOf(object, 'property');
    if (asked !== '' && asked !== name) {
      throw new UnknownMember('UnknownInterface', `${message.path} has no interface ${asked}`);
    }
    if (message.member === 'GetAll') {
      return { signature: 'a{sv}', body: [await this.allProperties(call, object, known)] };
    }
    const member = known.find((one) => one.name === property);
    if (member === undefined) {
      throw new UnknownMember('UnknownProperty', `${name} has no property ${property}`);
    }
    if (message.member !== 'Get') {
      throw new UnknownMember('PropertyReadOnly', `property ${property} can only be read`);
    }
    await authorizeMember(call, member);
    const value = await this.invoke(call, object, member, []);
    return { signature: 'v', body: [new Variant(member.out, value)] };
  }

  /**
   * What has no value now (no running task, no keyring) is left out, as an error would hide the rest; so is
   * what the caller may not see, without a question to its user: nobody asked for it by name.
   */
  private async allProperties(
    call: DbusCall,
    object: BoundObject,
    known: readonly BoundMember[],
  ): Promise<Record<string, Variant>> {
    const values: Record<string, Variant> = {};
    const decided = new Map<Action, Promise<void>>();
    for (const member of known) {
      try {
        const { requires } = member;
        if (requires && requires !== 'none') {
          const decision = decided.get(requires) ?? call.authorize(requires, false);
          decided.set(requires, decision);
          await decision;
        }
        const value = await this.invoke(call, object, member, []);
        values[member.name] = new Variant(member.out, value);
      } catch (fault) {
        if (!dbusError(fault).foreseen) throw fault;
      }
    }
    return values;
  }

  private async invoke(
    call: DbusCall,
    object: BoundObject,
    member: BoundMember,
    args: unknown[],
  ): Promise<unknown> {
    const full: DbusCall | InstanceCall =
      object.instance === undefined
        ? call
        : { ...call, instance: this.instances.get(object.instance) };
    return member.provider[member.key]!(full, ...args);
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
    const parts = object?.parts.map(({ metadata }) => metadata) ?? [];
    return introspection(parts, [...children].sort());
  }
}

const membersOf = ({ parts }: BoundObject, kind: DbusMember['kind']): BoundMember[] =>
  parts.flatMap(({ metadata, provider }) =>
    metadata.members
      .filter((member) => member.kind === kind)
      .map((member) => ({ ...member, provider })),
  );

async function authorizeMember({ authorize }: DbusCall, { requires }: DbusMember): Promise<void> {
  if (requires && requires !== 'none') await authorize(requires);
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
