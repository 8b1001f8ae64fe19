import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bus } from './bus';
import { noDaemon, noSessionBus, notAdmitted } from './dbus-client.errors';

export const SYSTEM_BUS_SOCKET = '/run/dbus/system_bus_socket';
const SYSTEM_BUS = `unix:path=${SYSTEM_BUS_SOCKET}`;
/** Under the home: the address of the private bus, one line, present while its daemon runs. */
const HOME_ADDRESS_FILE = join('run', 'bus.address');

/** @throws FatbuildrError `DBUS.NO_DAEMON` for a home without daemon, `DBUS.NO_SESSION` */
export async function busAddress(bus: Bus, env: NodeJS.ProcessEnv = process.env): Promise<string> {
  switch (bus.kind) {
    case 'address':
      return bus.address;
    case 'system':
      return env.DBUS_SYSTEM_BUS_ADDRESS || SYSTEM_BUS;
    case 'session':
      return env.DBUS_SESSION_BUS_ADDRESS || userBus(env);
    case 'home': {
      const file = join(bus.home, HOME_ADDRESS_FILE);
      const address = await readFile(file, 'utf8').catch((fault: NodeJS.ErrnoException) => {
        if (fault.code === 'ENOENT' || fault.code === 'ENOTDIR') throw noDaemon(bus);
        throw fault.code === 'EACCES' ? notAdmitted(bus) : fault;
      });
      return address.trim();
    }
  }
}

/** Where systemd puts the bus of a user (sd_bus_open_user(3)). */
function userBus(env: NodeJS.ProcessEnv): string {
  const socket = join(env.XDG_RUNTIME_DIR ?? '/nonexistent', 'bus');
  if (!existsSync(socket)) throw noSessionBus();
  return `unix:path=${socket}`;
}

/**
 * The address in the spelling of dbus-next that connects with Node's own sockets: for `path` and
 * `abstract` dbus-next first looks for a native module we do not ship.
 */
export function nodeSocketAddress(address: string): string {
  return address
    .split(';')
    .map((one) =>
      one
        .replace(/^unix:(.*,)?path=/, 'unix:$1socket=')
        .replace(/^unix:(.*,)?abstract=/, 'unix:$1socket=\0')
        .replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
    )
    .join(';');
}
