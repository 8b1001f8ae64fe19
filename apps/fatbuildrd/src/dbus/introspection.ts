import type { DbusInterfaceMetadata, DbusMember } from './dbus.decorators';
import { actionId } from './polkit-actions';

const HEADER =
  '<!DOCTYPE node PUBLIC "-//freedesktop//DTD D-BUS Object Introspection 1.0//EN"\n' +
  ' "http://www.freedesktop.org/standards/dbus/1.0/introspect.dtd">\n';

const STANDARD = `  <interface name="org.freedesktop.DBus.Introspectable">
    <method name="Introspect"><arg name="xml" type="s" direction="out"/></method>
  </interface>
  <interface name="org.freedesktop.DBus.Properties">
    <method name="Get">
      <arg name="interface" type="s" direction="in"/>
      <arg name="property" type="s" direction="in"/>
      <arg name="value" type="v" direction="out"/>
    </method>
    <method name="GetAll">
      <arg name="interface" type="s" direction="in"/>
      <arg name="properties" type="a{sv}" direction="out"/>
    </method>
    <method name="Set">
      <arg name="interface" type="s" direction="in"/>
      <arg name="property" type="s" direction="in"/>
      <arg name="value" type="v" direction="in"/>
    </method>
  </interface>
`;

/**
 * Introspection data of one object path (D-Bus specification, "Introspection Data Format").
 *
 * @param parts of the object's one interface
 */
export function introspection(
  parts: readonly DbusInterfaceMetadata[],
  children: readonly string[],
): string {
  const own = parts[0] ? STANDARD + describeInterface(parts[0].name, parts) : '';
  const nodes = children.map((child) => `  <node name="${child}"/>\n`).join('');
  return `${HEADER}<node>\n${own}${nodes}</node>\n`;
}

function describeInterface(name: string, parts: readonly DbusInterfaceMetadata[]): string {
  const described = parts.flatMap(({ members }) => members.map(describeMember)).join('');
  const signalled = parts
    .flatMap(({ signals = [] }) => signals)
    .map(
      (signal) =>
        `    <signal name="${signal.name}">\n${doc(signal.doc)}${args(signal.arguments)}    </signal>\n`,
    )
    .join('');
  return `  <interface name="${name}">\n${described}${signalled}  </interface>\n`;
}

function describeMember(member: DbusMember): string {
  if (member.kind === 'property') {
    return `    <property name="${member.name}" type="${member.out}" access="read">\n${notes(member)}    </property>\n`;
  }
  const out = `      <arg name="result" type="${member.out}" direction="out"/>\n`;
  return `    <method name="${member.name}">\n${notes(member)}${args(member.in, 'in')}${out}    </method>\n`;
}

function args(list: Readonly<Record<string, string>>, direction?: 'in'): string {
  const suffix = direction === undefined ? '' : ` direction="${direction}"`;
  return Object.entries(list)
    .map(([name, type]) => `      <arg name="${name}" type="${type}"${suffix}/>\n`)
    .join('');
}

/** What it does, and whom polkit lets do it. */
function notes({ doc: text, requires }: DbusMember): string {
  if (requires === undefined || requires === 'none') return doc(text);
  const action = `      <annotation name="org.rackslab.Fatbuildr.PolkitAction" value="${actionId(requires)}"/>\n`;
  return doc(text) + action;
}

function doc(text: string | undefined): string {
  if (text === undefined) return '';
  const escaped = text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/"/g, '&quot;');
  return `      <annotation name="org.gtk.GDBus.DocString" value="${escaped}"/>\n`;
}
