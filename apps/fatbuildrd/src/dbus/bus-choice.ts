import { existsSync } from 'node:fs';

export const SYSTEM_BUS_SOCKET = '/run/dbus/system_bus_socket';

/**
 * Whether the daemon serves the users of the whole host, and not its own alone.
 *
 * @param wanted `[daemon] bus`
 */
export const usesSystemBus = (wanted: string): boolean =>
  wanted === 'system' || (wanted === 'auto' && existsSync(SYSTEM_BUS_SOCKET));
