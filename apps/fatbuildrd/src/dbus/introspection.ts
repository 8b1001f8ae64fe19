import type { DbusInterfaceMetadata, DbusMember } from './dbus.decorators';

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

/** Introspection data of one object path (D-Bus specification, "Introspection Data Format"). */
export function introspection(
  interfaces: readonly DbusInterfaceMetadata[],
  children: readonly string[],
): string {
  const standard = interfaces.length > 0 ? STANDARD : '';
  const own = interfaces.map(describeInterface).join('');
  const nodes = children.map((child) => `  <node name="${child}"/>\n`).join('');
  return `${HEADER}<node>\n${standard}${own}${nodes}</node>\n`;
}

function describeInterface({ name, members, signals = [] }: DbusInterfaceMetadata): string {
  const described = members.map(describeMember).join('');
  const signalled = signals
    .map(
      (signal) =>
        `    <signal name="${signal.name}">\n${doc(signal.doc)}${args(signal.arguments)}    </signal>\n`,
    )
    .join('');
  return `  <interface name="${name}">\n${described}${signalled}  </interface>\n`;
}

function describeMember(member: DbusMember): string {
  if (member.kind === 'property') {
    return `    <property name="${member.name}" type="${member.out}" access="read">\n${doc(member.doc)}    </property>\n`;
  }
  const out = `      <arg name="result" type="${member.out}" direction="out"/>\n`;
  return `    <method name="${member.name}">\n${doc(member.doc)}${args(member.in, 'in')}${out}    </method>\n`;
}

function args(list: Readonly<Record<string, string>>, direction?: 'in'): string {
  const suffix = direction === undefined ? '' : ` direction="${direction}"`;
  return Object.entries(list)
    .map(([name, type]) => `      <arg name="${name}" type="${type}"${suffix}/>\n`)
    .join('');
}

function doc(text: string | undefined): string {
  if (text === undefined) return '';
  const escaped = text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/"/g, '&quot;');
  return `      <annotation name="org.gtk.GDBus.DocString" value="${escaped}"/>\n`;
}
