import { FatbuildrError } from '@fatbuildr/errors';
import { describeBus, type Bus } from './bus';
import { BUS_NAME, ERROR_PREFIX } from './names';

/** How an error of the bus or of the daemon looks in dbus-next. */
interface NamedError {
  /** D-Bus error name. */
  type: string;
  text: string;
}

function isNamedError(thrown: unknown): thrown is NamedError {
  return thrown instanceof Error && 'type' in thrown && typeof thrown.type === 'string';
}

const STANDARD = 'org.freedesktop.DBus.Error.';

/** The error name of the contract an error stands for, for example `NoRunningTask`. */
export function contractError(thrown: unknown): string | undefined {
  return isNamedError(thrown) && thrown.type.startsWith(ERROR_PREFIX)
    ? thrown.type.slice(ERROR_PREFIX.length)
    : undefined;
}

/**
 * An error answer of the daemon becomes `DAEMON.<NAME>` with the daemon's own message; one of the bus
 * says what it means for the caller.
 */
export function callFailed(thrown: unknown, bus: Bus, member: string): FatbuildrError {
  if (thrown instanceof FatbuildrError) return thrown;
  const named = contractError(thrown);
  if (named !== undefined && isNamedError(thrown)) {
    const code = named.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase() as Uppercase<string>;
    return new FatbuildrError(`DAEMON.${code}`, thrown.text, { error: thrown.type });
  }
  if (!isNamedError(thrown)) return connectionFailed(thrown, bus);
  const details = { error: thrown.type, bus: describeBus(bus), member };
  switch (thrown.type.replace(STANDARD, '')) {
    case 'ServiceUnknown':
    case 'NameHasNoOwner':
      return noDaemon(bus);
    case 'NoReply':
    case 'Disconnected':
      return daemonLost(bus);
    case 'AccessDenied':
      return new FatbuildrError(
        'DBUS.DENIED',
        `${describeBus(bus)} does not let you talk to ${BUS_NAME}: ${thrown.text}`,
        details,
      );
    case 'UnknownMethod':
    case 'UnknownInterface':
    case 'UnknownProperty':
    case 'InvalidArgs':
      return new FatbuildrError(
        'DBUS.UNKNOWN_MEMBER',
        `the daemon does not know ${member} (${thrown.text}): is it of another version than this client?`,
        details,
      );
    default:
      return new FatbuildrError('DBUS.FAILED', `${member}: ${thrown.text}`, details);
  }
}

export function noDaemon(bus: Bus): FatbuildrError {
  if (bus.kind === 'home') {
    return new FatbuildrError(
      'DBUS.NO_DAEMON',
      `no daemon runs under ${bus.home}, start it with: fatbuildrd --home ${bus.home}`,
      { home: bus.home },
    );
  }
  return new FatbuildrError(
    'DBUS.NO_DAEMON',
    `no daemon answers as ${BUS_NAME} on ${describeBus(bus)}, start fatbuildrd there or choose another with --uri or --home`,
    { bus: describeBus(bus) },
  );
}

export function daemonLost(bus: Bus): FatbuildrError {
  const what = `the daemon on ${describeBus(bus)} went away before it answered`;
  return new FatbuildrError('DBUS.DAEMON_LOST', what, { bus: describeBus(bus) });
}

export function noSessionBus(): FatbuildrError {
  return new FatbuildrError(
    'DBUS.NO_SESSION',
    'there is no session bus: DBUS_SESSION_BUS_ADDRESS is not set and $XDG_RUNTIME_DIR/bus does not exist',
  );
}

/** The bus itself cannot be reached. */
export function connectionFailed(thrown: unknown, bus: Bus): FatbuildrError {
  const { code } = thrown as NodeJS.ErrnoException;
  if (code === 'EACCES' || code === 'EPERM') return notAdmitted(bus);
  // The private bus ends with its daemon: an address that nobody answers was left by a crash.
  if (bus.kind === 'home') return noDaemon(bus);
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  const message = `cannot reach ${describeBus(bus)}: ${reason.trim()}`;
  return new FatbuildrError('DBUS.UNREACHABLE', message, { bus: describeBus(bus) });
}

/** The private bus only admits the daemon's own user. */
export function notAdmitted(bus: Bus): FatbuildrError {
  return new FatbuildrError(
    'DBUS.DENIED',
    `you may not use ${describeBus(bus)}: only the user who started its daemon may`,
    { bus: describeBus(bus) },
  );
}

export function uploadsClosed(folder: string, cause: unknown): FatbuildrError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new FatbuildrError(
    'DBUS.UPLOADS_CLOSED',
    `cannot write what is to be built for the daemon into ${folder}: ${reason}`,
    { folder },
    { cause },
  );
}

export function journalIncomplete(id: string, path: string): FatbuildrError {
  return new FatbuildrError(
    'TASK.JOURNAL_INCOMPLETE',
    `the journal of task ${id} ends without its last record, see ${path}`,
    { id, path },
  );
}

export function journalUnreadable(id: string, path: string, cause: unknown): FatbuildrError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new FatbuildrError(
    'TASK.JOURNAL_UNREADABLE',
    `cannot read the journal of task ${id}: ${reason}`,
    { id, path },
    { cause },
  );
}
