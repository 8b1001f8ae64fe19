import { FatbuildrError, messageOf } from '@fatbuildr/errors';

/** What the driver's codes mean to the one who has to act. */
const REASONS: Readonly<Record<string, string>> = {
  SQLITE_NOTADB: 'it is not an SQLite database; restore it from a backup, or move it away',
  SQLITE_CORRUPT: 'it is damaged; restore it from a backup, or move it away',
  SQLITE_BUSY: 'another process holds it locked; stop that process',
  SQLITE_READONLY: 'it cannot be written; check the permissions and the mount',
  SQLITE_CANTOPEN: 'it cannot be opened; check the permissions of its folder',
  SQLITE_FULL: 'its disk is full, make room on it',
  SQLITE_IOERR: 'its disk has a fault or is full; check it',
  EACCES: 'permission denied; check the owner and the mode of the file and its folder',
  EROFS: 'its file system is mounted read-only',
  EISDIR: 'a folder is in its place',
  ENOTDIR: 'a part of its path is not a folder',
  ENOSPC: 'its disk is full, make room on it',
  ECONNREFUSED: 'nothing answers there',
};

/** @param place path or address of the database, without a password */
export function databaseUnusable(place: string, fault: unknown): FatbuildrError {
  if (fault instanceof FatbuildrError) return fault;
  const code = codeOf(fault);
  const reason = REASONS[code] ?? messageOf(fault);
  return new FatbuildrError(
    'DATABASE.UNUSABLE',
    `database ${place}: ${reason}`,
    { place, code },
    { cause: fault },
  );
}

/** A fault whose cause and remedy are known becomes one for its reader, any other stays as it is. */
export function databaseFault(place: string, fault: unknown): unknown {
  if (fault instanceof FatbuildrError || REASONS[codeOf(fault)] === undefined) return fault;
  return databaseUnusable(place, fault);
}

export function unknownDatabase(scheme: string): FatbuildrError {
  return new FatbuildrError(
    'DATABASE.UNKNOWN_URL',
    `[database] url: unknown scheme "${scheme}", use postgres://… or leave it empty for an SQLite file`,
    { scheme },
  );
}

export function nestedTransaction(): FatbuildrError {
  return new FatbuildrError(
    'DATABASE.NESTED_TRANSACTION',
    'a transaction was asked for inside another one; hand the manager of the outer one on',
  );
}

function codeOf(fault: unknown): string {
  const code = (fault as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : '';
}
