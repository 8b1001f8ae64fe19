import { FatbuildrError } from '@fatbuildr/errors';

/** A fault of the definition file: file, key path, reason. */
export function badDefinition(file: string, key: string, reason: string): FatbuildrError {
  const where = key === '' ? file : `${file}: ${key}`;
  return new FatbuildrError('ARTIFACT.BAD_DEFINITION', `${where}: ${reason}`, {
    file,
    key,
    reason,
  });
}

export function badName(name: string): FatbuildrError {
  return new FatbuildrError(
    'ARTIFACT.BAD_NAME',
    `"${name}" is no artifact name: expected at least two characters of a-z, 0-9, "+", "." and "-", the first a letter or digit`,
    { name },
  );
}

export function badVersion(text: string, reason: string): FatbuildrError {
  return new FatbuildrError('ARTIFACT.BAD_VERSION', `"${text}" is no version: ${reason}`, {
    version: text,
    reason,
  });
}

/** Something asked for that the definition does not declare; names what it does declare. */
export function undeclared(
  kind: 'format' | 'derivative' | 'source',
  artifact: string,
  value: string,
  existing: readonly string[],
): FatbuildrError {
  const codes = {
    format: 'ARTIFACT.UNKNOWN_FORMAT',
    derivative: 'ARTIFACT.UNKNOWN_DERIVATIVE',
    source: 'ARTIFACT.UNKNOWN_SOURCE',
  } as const;
  const exist = existing.length === 0 ? `no ${kind}` : existing.join(', ');
  return new FatbuildrError(
    codes[kind],
    `artifact ${artifact} declares no ${kind} "${value}", it declares: ${exist}`,
    { artifact, kind, value, existing },
  );
}

export function missingChecksum(
  artifact: string,
  source: string,
  version: string,
  existing: readonly string[],
): FatbuildrError {
  const known = existing.length === 0 ? 'none' : existing.join(', ');
  return new FatbuildrError(
    'ARTIFACT.NO_CHECKSUM',
    `artifact ${artifact}: version ${version} of source ${source} has no checksum, add its sha256 or sha512 to "checksums" (versions with checksums: ${known})`,
    { artifact, source, version, existing },
  );
}

/** A template that cannot be rendered; `line` counts from 1, `undefined` when no line is to blame. */
export function templateFault(
  file: string,
  line: number | undefined,
  reason: string,
): FatbuildrError {
  const where = line === undefined ? file : `${file}: line ${line}`;
  return new FatbuildrError('ARTIFACT.TEMPLATE', `${where}: ${reason}`, { file, line, reason });
}

/** A source that cannot be had. `url` is shown without credentials. */
export function fetchFault(
  what: 'UNREACHABLE' | 'REFUSED_URL' | 'HTTP_STATUS' | 'TOO_LARGE' | 'CHECKSUM' | 'TIMEOUT',
  subject: { artifact: string; source: string; url: string },
  reason: string,
  details: Readonly<Record<string, unknown>> = {},
  cause?: unknown,
): FatbuildrError {
  return new FatbuildrError(
    `SOURCE.${what}`,
    `source ${subject.source} of artifact ${subject.artifact}, ${subject.url}: ${reason}`,
    { ...subject, ...details },
    { cause },
  );
}

/** An archive that is broken or refused, with the member to blame where there is one. */
export function archiveFault(
  what: 'REFUSED' | 'TOO_LARGE' | 'TOO_MANY' | 'BROKEN' | 'UNKNOWN_TYPE',
  archive: string,
  member: string | undefined,
  reason: string,
  cause?: unknown,
): FatbuildrError {
  const where = member === undefined ? '' : `, member ${JSON.stringify(member)}`;
  return new FatbuildrError(
    `ARCHIVE.${what}`,
    `archive ${archive}${where}: ${reason}`,
    { archive, member, reason },
    { cause },
  );
}

/** A file of a definition or source folder that is refused. */
export function folderFault(folder: string, path: string, reason: string): FatbuildrError {
  return new FatbuildrError(
    'ARTIFACT.REFUSED_FILE',
    `folder ${folder}, file ${JSON.stringify(path)}: ${reason}`,
    { folder, path, reason },
  );
}

export function localSourceFault(option: string, reason: string): FatbuildrError {
  return new FatbuildrError('SOURCE.BAD_LOCAL', `local source "${option}": ${reason}`, {
    option,
    reason,
  });
}

export const noSource = (artifact: string, version: string) =>
  new FatbuildrError(
    'SOURCE.NONE',
    `${artifact} declares no source URL for version ${version}; declare "source", or give a folder with --sources`,
    { artifact, version },
  );

export const unplacedSource = (id: string, archive: string, reason: string) =>
  new FatbuildrError(
    'SOURCE.UNPLACED',
    `source "${id}": its archive ${archive} gives its folder in the tree no usable name: ${reason}; name it by URL!NAME`,
    { id, archive, reason },
  );

/** Aborts keep their own kind: the caller asked for them. */
export function aborted(what: string): FatbuildrError {
  return new FatbuildrError('ARTIFACT.ABORTED', `${what} was aborted`, { what });
}
