import { FatbuildrError } from '@fatbuildr/errors';
import { ERROR_PREFIX } from '@fatbuildr/protocol-dbus';

/** Error names of the contract by code, or by the room of a code (`ROOM.`); the first that fits counts. */
const NAMES: readonly (readonly [code: string, name: string])[] = [
  ['INSTANCES.UNKNOWN', 'UnknownInstance'],
  ['INSTANCES.', 'Pipeline'],
  ['TASKS.NONE_RUNNING', 'NoRunningTask'],
  ['TASKS.UNKNOWN', 'UnknownTask'],
  ['TASKS.', 'Task'],
  ['REGISTRY.', 'Registry'],
  ['REGISTRIES.', 'Registry'],
  ['KEYRING.MISSING', 'NoKeyring'],
  ['KEYRING.', 'Keyring'],
  ['DBUS.NOT_AUTHORIZED', 'NotAuthorized'],
  ['DBUS.ARGUMENT', 'Argument'],
];

/** The name and text of an error on the bus; a fault nobody foresaw shows nothing of the inside. */
export function dbusError(fault: unknown): { name: string; text: string; foreseen: boolean } {
  if (!(fault instanceof FatbuildrError)) {
    return {
      name: ERROR_PREFIX,
      text: 'the daemon met an internal fault, its log has the details',
      foreseen: false,
    };
  }
  const named = NAMES.find(([code]) =>
    code.endsWith('.') ? fault.code.startsWith(code) : fault.code === code,
  );
  return { name: `${ERROR_PREFIX}${named?.[1] ?? ''}`, text: fault.message, foreseen: true };
}

export const notTheOwner = (user: string, owner: string) =>
  new FatbuildrError(
    'DBUS.NOT_AUTHORIZED',
    `user ${user} may not use this daemon, which serves user ${owner} only`,
    { user },
  );

export const notAuthorized = (user: string, action: string) =>
  new FatbuildrError(
    'DBUS.NOT_AUTHORIZED',
    `user ${user} is not authorized for the action ${action}, ask the administrator of this host`,
    { user, action },
  );

export const polkitUndecided = (user: string, action: string, reason: string) =>
  new FatbuildrError(
    'DBUS.NOT_AUTHORIZED',
    `user ${user} is not authorized: polkit did not decide on the action ${action}: ${reason}`,
    { user, action, reason },
  );

/** Most likely it has left already: nobody reads this then. */
export const unknownSender = (sender: string, reason: string) =>
  new FatbuildrError(
    'DBUS.NOT_AUTHORIZED',
    `the bus does not say which user is behind ${sender}: ${reason}`,
    { sender },
  );

/** A fault of ours, found at start. */
export const unguardedMember = (object: string, member: string) =>
  new FatbuildrError(
    'DBUS.UNGUARDED',
    `member ${member} of ${object} does not say which action it requires, mark it with @Polkit`,
    { object, member },
  );

export const badArguments = (member: string, expected: string, got: string) =>
  new FatbuildrError('DBUS.ARGUMENTS', `${member} takes (${expected}), got (${got})`, {
    member,
    expected,
    got,
  });

export const badArgument = (name: string, reason: string) =>
  new FatbuildrError('DBUS.ARGUMENT', `argument ${name}: ${reason}`, { name });
