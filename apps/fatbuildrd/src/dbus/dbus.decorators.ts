import type { Instance } from '@fatbuildr/instances';
import type { Action } from '@fatbuildr/access';
import type { Requirement } from './polkit-actions';

/** Who sends a call. */
export interface DbusSender {
  /** Unique name of the caller's connection. */
  sender: string;
  /** Numeric id of the sender's user, as the bus knows it. */
  uid: number;
  /** Login name of that user. */
  user: string;
}

/** Who calls, and about which instance. */
export interface DbusCall extends DbusSender {
  /**
   * Asks for an action that depends on what is called for, besides that of `@Polkit`.
   *
   * @param interaction whether the sender's user may be asked for a password meanwhile, as is usual
   * @throws FatbuildrError `DBUS.NOT_AUTHORIZED`
   */
  authorize: (action: Action, interaction?: boolean) => Promise<void>;
}

export interface InstanceCall extends DbusCall {
  instance: Instance;
}

/** D-Bus signature of each argument, by name, in order. */
type Arguments = Readonly<Record<string, string>>;

export interface DbusMember {
  kind: 'method' | 'property';
  /** Name on the bus. */
  name: string;
  /** Name of the method of the class. */
  key: string;
  in: Arguments;
  /** Signature of the answer. */
  out: string;
  doc: string | undefined;
  /** What `@Polkit` says; a member that says nothing keeps the daemon from starting. */
  requires: Requirement | undefined;
}

export interface DbusSignal {
  name: string;
  arguments: Arguments;
  doc: string;
}

interface InterfaceOptions {
  name: string;
  /** Where the object stands: alone at a path, or once per instance below it. */
  path: string;
  perInstance: boolean;
  signals?: readonly DbusSignal[];
}

export interface DbusInterfaceMetadata extends InterfaceOptions {
  members: readonly DbusMember[];
}

/** A member before it is known what it requires: decorators of a method come in any order. */
type MarkedMember = Omit<DbusMember, 'requires'>;

const MEMBERS = Symbol('fatbuildr:dbus-members');
const INTERFACE = Symbol('fatbuildr:dbus-interface');
const REQUIREMENT = Symbol('fatbuildr:polkit');

/**
 * Binds a class to a D-Bus interface; its members are the methods marked below. Several classes may share
 * an interface, each with its part of the members.
 */
export function DbusInterface(options: InterfaceOptions): ClassDecorator {
  return (target) => Reflect.defineMetadata(INTERFACE, options, target);
}

/**
 * A method of the interface, named as the class method but capitalized. It gets the `DbusCall` first,
 * then the arguments in their order.
 */
export function DbusMethod(options: {
  in?: Arguments;
  out: string;
  doc?: string;
}): MethodDecorator {
  return member('method', options);
}

/** A readable property; unlike a getter, its method may be asynchronous. */
export function DbusProperty(options: { type: string; doc?: string }): MethodDecorator {
  return member('property', { out: options.type, doc: options.doc });
}

/** The action a caller must be allowed to use a member, or `none`; every member says one of them. */
export function Polkit(requirement: Requirement): MethodDecorator {
  return (target, key) =>
    Reflect.defineMetadata(REQUIREMENT, requirement, target.constructor, String(key));
}

function member(
  kind: DbusMember['kind'],
  options: { in?: Arguments; out: string; doc?: string },
): MethodDecorator {
  return (target, key) => {
    const members = (Reflect.getMetadata(MEMBERS, target.constructor) ?? []) as MarkedMember[];
    const name = String(key);
    members.push({
      kind,
      name: name.charAt(0).toUpperCase() + name.slice(1),
      key: name,
      in: options.in ?? {},
      out: options.out,
      doc: options.doc,
    });
    Reflect.defineMetadata(MEMBERS, members, target.constructor);
  };
}

/** What the decorators of a class say; `undefined` for a class that is no D-Bus object. */
export function interfaceOf(target: object): DbusInterfaceMetadata | undefined {
  const options = Reflect.getMetadata(INTERFACE, target) as InterfaceOptions | undefined;
  if (options === undefined) return undefined;
  const marked = (Reflect.getMetadata(MEMBERS, target) ?? []) as MarkedMember[];
  const members = marked.map((member) => ({
    ...member,
    requires: Reflect.getMetadata(REQUIREMENT, target, member.key) as Requirement | undefined,
  }));
  return { ...options, members };
}
