import { badArgument } from './dbus.errors';
import type { InstanceCall } from './dbus.decorators';

/** Longest name a task may carry: that of an account (`LOGIN_NAME_MAX`), or an e-mail address. */
const NAME_CHARACTERS = 256;

/**
 * The same call for a user the caller speaks for, who may have no account on this host. Files are still
 * those of the caller.
 */
export function onBehalf(call: InstanceCall, user: string): InstanceCall {
  if (user.length > NAME_CHARACTERS || !/^[^\s\p{C}]+$/u.test(user)) {
    throw badArgument('user', `expected a name without blanks, got ${JSON.stringify(user)}`);
  }
  return { ...call, user };
}
