import { Message, type MessageBus } from 'dbus-next';

/** Calls a member of the bus itself; @returns the first value of its answer */
export async function askBus(
  bus: MessageBus,
  member: string,
  signature = '',
  body: unknown[] = [],
): Promise<unknown> {
  const reply = await bus.call(
    new Message({
      destination: 'org.freedesktop.DBus',
      path: '/org/freedesktop/DBus',
      interface: 'org.freedesktop.DBus',
      member,
      signature,
      body,
    }),
  );
  return reply?.body[0];
}
