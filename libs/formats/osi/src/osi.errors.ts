import { FatbuildrError, messageOf } from '@fatbuildr/errors';
import { DamagedPackage } from '@fatbuildr/registries';

export const noDefinition = (artifact: string, expected: string, existing: readonly string[]) =>
  new FatbuildrError(
    'OSI.NO_DEFINITION',
    `the definition of ${artifact} has no osi/${expected}, which mkosi makes the image from; ${
      existing.length === 0 ? 'there is no file in osi/' : `osi/ holds: ${existing.join(', ')}`
    }`,
    { artifact, file: `osi/${expected}`, existing },
  );

export const badPackaging = (artifact: string, file: string, reason: string) =>
  new FatbuildrError(
    'OSI.BAD_PACKAGING',
    `osi/${file} in the definition of ${artifact}: ${reason}`,
    { artifact, file: `osi/${file}`, reason },
  );

export const unknownMkosi = (printed: string, oldest: number) =>
  new FatbuildrError(
    'OSI.UNKNOWN_MKOSI',
    `the osi image has "${printed}", but mkosi ${oldest} or newer is needed; bring the image up to date with "fatbuildrctl images update -f osi"`,
    { printed, oldest },
  );

/** @returns `undefined` when mkosi did not say why */
export function failedMkosi(
  artifact: string,
  definition: string,
  printed: string,
): FatbuildrError | undefined {
  const said = [...printed.matchAll(/(?:^|\W)[Ee]rror: (.+)$/gm)].at(-1)?.[1];
  // From version 15 on an error looks like a step, and is the last one.
  const reason = (said ?? /(?:^|\n)‣ +(.+)$/.exec(printed.trimEnd())?.[1])?.trim();
  return reason === undefined
    ? undefined
    : new FatbuildrError(
        'OSI.MKOSI_FAILED',
        `mkosi made no image of osi/${definition} of ${artifact}: ${reason}`,
        { artifact, definition },
      );
}

export const noImage = (base: string, left: readonly string[]) =>
  new FatbuildrError(
    'OSI.NO_IMAGE',
    `mkosi succeeded, but left no image called ${base}.*, it left: ${left.join(', ') || 'nothing'}; remove Output and OutputDirectory from the definition, the names are given by the registry`,
    { base, left },
  );

/** @param free bytes there were when it failed, or would have had to hold it */
export const noRoom = (image: string, place: string, free: number, size?: number) =>
  new FatbuildrError(
    'OSI.NO_ROOM',
    `the image ${image} ${size === undefined ? '' : `(${megabytes(size)}) `}is larger than the free disk of ${place} (${megabytes(free)}); make room there, or make the image smaller`,
    { image, place, free, size },
  );

/** @param file the one that is read; another one where the fault names it */
export function damagedImage(file: string, fault: unknown): FatbuildrError {
  if (fault instanceof FatbuildrError && fault.code === 'OSI.DAMAGED') return fault;
  const damaged = fault instanceof DamagedPackage ? fault.file : file;
  return new FatbuildrError(
    'OSI.DAMAGED',
    `${damaged}: ${messageOf(fault)}`,
    { file: damaged },
    { cause: fault },
  );
}

export const unexpectedFile = (file: string) =>
  new FatbuildrError(
    'OSI.UNEXPECTED_FILE',
    `${file}: not a file a registry of OS images publishes; expected the description of an image (.json) and the files it lists`,
    { file },
  );

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6)} MB`;
}
