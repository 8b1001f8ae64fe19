import type { FatbuildrError } from '@fatbuildr/errors';

/** HTTP statuses by code, or by the start of a code (`ROOM.`, `ROOM.KIND_`); the first that fits counts. */
const STATUSES: readonly (readonly [code: string, status: number])[] = [
  ['ACCESS.TOKEN', 401],
  ['ACCESS.DENIED', 403],
  ['ACCESS.CROSS_SITE', 403],
  ['ACCESS.WIDER_TOKEN', 403],
  ['ACCESS.UNKNOWN_TOKEN', 404],
  ['ACCESS.TOO_MANY_FAILURES', 429],
  ['INSTANCES.UNKNOWN', 404],
  ['TASKS.UNKNOWN', 404],
  ['TASKS.NONE_RUNNING', 404],
  ['TASKS.ENDED', 409],
  ['TASKS.NOT_ENDED', 409],
  ['TASKS.NOBODY_RUNS', 503],
  ['TASKS.KEY_OF_ANOTHER', 422],
  ['TASKS.KEY_IN_USE', 409],
  ['BUILDS.NOT_KEPT', 409],
  ['BUILDS.KEPT_IN_USE', 409],
  ['KEYRING.MISSING', 404],
  ['KEYRING.EXISTS', 409],
  ['REGISTRY.UNKNOWN_', 404],
  ['INSTANCES.UNKNOWN_', 404],
  ['FILES.UNKNOWN', 404],
  ['UPLOAD.TOO_LARGE', 413],
  ['UPLOAD.TYPE', 415],
  ['DATABASE.', 503],
  ['DAEMON.', 503],
  ['CONTAINERS.UNREACHABLE', 503],
];

/** Status of a fault of ours; 400 where the request is at fault and nothing more is known. */
export function httpStatus({ code }: FatbuildrError): number {
  const found = STATUSES.find(([known]) =>
    known.endsWith('.') || known.endsWith('_') ? code.startsWith(known) : code === known,
  );
  return found?.[1] ?? 400;
}
