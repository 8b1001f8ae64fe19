import { FatbuildrError } from '@fatbuildr/errors';

/** HTTP statuses by code, or by the room of a code (`ROOM.`); the first that fits counts. */
const STATUSES: readonly (readonly [code: string, status: number])[] = [
  ['ACCESS.TOKEN', 401],
  ['ACCESS.DENIED', 403],
  ['INSTANCES.UNKNOWN', 404],
  ['TASKS.UNKNOWN', 404],
  ['TASKS.NONE_RUNNING', 404],
  ['TASKS.ENDED', 409],
  ['TASKS.NOT_ENDED', 409],
  ['TASKS.UNATTENDED', 503],
  ['KEYRING.MISSING', 404],
  ['REGISTRY.UNKNOWN_', 404],
  ['INSTANCES.UNKNOWN_', 404],
  ['DATABASE.', 503],
  ['CONTAINERS.UNREACHABLE', 503],
];

/** Status of a fault; 500 for one nobody foresaw, whose message is not for the caller. */
export function httpStatus(fault: unknown): number {
  if (!(fault instanceof FatbuildrError)) return 500;
  const { code } = fault;
  const found = STATUSES.find(([known]) =>
    known.endsWith('.') || known.endsWith('_') ? code.startsWith(known) : code === known,
  );
  return found?.[1] ?? 400;
}
