import { FatbuildrError } from '@fatbuildr/errors';

/** @param faults one line each: `instances.d/<id>.yml: key path: reason` */
export function invalidInstances(faults: readonly string[]): FatbuildrError {
  const [only] = faults;
  return new FatbuildrError(
    'INSTANCES.INVALID',
    faults.length === 1 && only !== undefined
      ? only
      : `the instance files have ${faults.length} faults:\n${faults.join('\n')}`,
    { faults },
  );
}

export function unknownInstance(id: string, existing: readonly string[]): FatbuildrError {
  return new FatbuildrError(
    'INSTANCES.UNKNOWN',
    existing.length === 0
      ? `there is no instance "${id}", none is set up: describe one in <dirs.instances>/${id}.yml and restart the daemon`
      : `there is no instance "${id}", there are: ${existing.join(', ')}`,
    { instance: id, existing },
  );
}

export function unknownFormat(
  instance: string,
  format: string,
  existing: readonly string[],
): FatbuildrError {
  return new FatbuildrError(
    'INSTANCES.UNKNOWN_FORMAT',
    `instance ${instance} has no format "${format}", it has: ${existing.join(', ')}`,
    { instance, format, existing },
  );
}

export function unknownDistribution(
  instance: string,
  distribution: string,
  existing: readonly string[],
): FatbuildrError {
  return new FatbuildrError(
    'INSTANCES.UNKNOWN_DISTRIBUTION',
    `instance ${instance} has no distribution "${distribution}", it has: ${existing.join(', ')}`,
    { instance, distribution, existing },
  );
}

export function unknownDerivative(
  instance: string,
  derivative: string,
  existing: readonly string[],
): FatbuildrError {
  return new FatbuildrError(
    'INSTANCES.UNKNOWN_DERIVATIVE',
    `instance ${instance} has no derivative "${derivative}", it has: ${existing.join(', ')}`,
    { instance, derivative, existing },
  );
}

export function unknownArchitecture(
  instance: string,
  architecture: string,
  existing: readonly string[],
): FatbuildrError {
  return new FatbuildrError(
    'INSTANCES.UNKNOWN_ARCHITECTURE',
    `instance ${instance} has no architecture "${architecture}", it has: ${existing.join(', ')}`,
    { instance, architecture, existing },
  );
}

export const noInstance = (folder: string) =>
  new FatbuildrError('INSTANCES.NONE', `there is no instance: write one into ${folder}/<id>.yml`, {
    folder,
  });

/** In `[images] formats`. */
export const unknownFormats = (unknown: readonly string[], known: readonly string[]) =>
  new FatbuildrError(
    'INSTANCES.UNKNOWN_FORMATS',
    `[images] formats names ${unknown.join(', ')}, this program has: ${known.join(', ')}`,
    { unknown, known },
  );
