import { existsSync } from 'node:fs';
import { SYSTEM_BUS_SOCKET } from '@fatbuildr/protocol-dbus';

/** A system bus that started us is the one whose call we have to answer (dbus-daemon(1), "starter"). */
export function systemBusAddress(env: NodeJS.ProcessEnv): string {
  const starter = env.DBUS_STARTER_BUS_TYPE === 'system' ? env.DBUS_STARTER_ADDRESS : undefined;
  return env.DBUS_SYSTEM_BUS_ADDRESS || starter || `unix:path=${SYSTEM_BUS_SOCKET}`;
}

/**
 * Whether the daemon serves the users of the whole host, and not its own alone.
 *
 * @param wanted `[daemon] bus`
 */
export const usesSystemBus = (wanted: string): boolean =>
  wanted === 'system' || (wanted === 'auto' && existsSync(SYSTEM_BUS_SOCKET));
