import { existsSync } from 'node:fs';
import { SYSTEM_BUS_SOCKET } from '@fatbuildr/protocol-dbus';

/**
 * Whether the daemon serves the users of the whole host, and not its own alone.
 *
 * @param wanted `[daemon] bus`
 */
export const usesSystemBus = (wanted: string): boolean =>
  wanted === 'system' || (wanted === 'auto' && existsSync(SYSTEM_BUS_SOCKET));
