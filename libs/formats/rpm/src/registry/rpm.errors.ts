import { FatbuildrError, messageOf } from '@fatbuildr/errors';

/** @param file path; @param reason what is wrong with it */
export function damagedRpm(file: string, reason: string, cause?: unknown): FatbuildrError {
  return new FatbuildrError('RPM.DAMAGED_PACKAGE', `${file}: ${reason}`, { file }, { cause });
}

/** A fault while reading a package, told with the file's name. */
export function unreadableRpm(file: string, fault: unknown): FatbuildrError {
  return fault instanceof FatbuildrError
    ? fault
    : damagedRpm(file, `the RPM is damaged: ${messageOf(fault)}`, fault);
}

export function unexpectedFile(file: string): FatbuildrError {
  return new FatbuildrError(
    'RPM.UNEXPECTED_FILE',
    `${file}: not a file a DNF registry publishes; expected .rpm`,
    { file },
  );
}

/** @param signed whether there is a signature at all */
export function notOurSignature(file: string, signed: boolean, instance: string): FatbuildrError {
  const found = signed ? 'signed with a key other than that' : 'not signed with the key';
  return new FatbuildrError(
    'RPM.NOT_OUR_SIGNATURE',
    `${file}: it is ${found} of instance ${instance}; move it out of the registry and publish it from there`,
    { file, instance },
  );
}
