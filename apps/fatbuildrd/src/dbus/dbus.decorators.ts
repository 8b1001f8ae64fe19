import type { Instance } from '@fatbuildr/instances';

/** Who calls, and about which instance. */
export interface DbusCall {
  /** Numeric id of the sender's user, as the bus knows it. */
  uid: number;
  /** Login name of that user. */
  user: string;
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

const MEMBERS = Symbol('fatbuildr:dbus-members');
const INTERFACE = Symbol('fatbuildr:dbus-interface');

/** Binds a class to a D-Bus interface; its members are the methods marked below. */
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

function member(
  kind: DbusMember['kind'],
  options: { in?: Arguments; out: string; doc?: string },
): MethodDecorator {
  return (target, key) => {
    const members = (Reflect.getMetadata(MEMBERS, target.constructor) ?? []) as DbusMember[];
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
  return { ...options, members: (Reflect.getMetadata(MEMBERS, target) ?? []) as DbusMember[] };
}
