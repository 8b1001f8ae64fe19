import { FatbuildrError, messageOf } from '@fatbuildr/errors';

/** @param file path; @param reason what is wrong with it */
export function damagedPackage(file: string, reason: string, cause?: unknown): FatbuildrError {
  return new FatbuildrError('DEB.DAMAGED_PACKAGE', `${file}: ${reason}`, { file }, { cause });
}

/** A fault of a library or tool while reading a package, told with the file's name. */
export function unreadablePackage(file: string, fault: unknown): FatbuildrError {
  return fault instanceof FatbuildrError && fault.code === 'DEB.DAMAGED_PACKAGE'
    ? fault
    : damagedPackage(file, `it cannot be read: ${messageOf(fault)}`, fault);
}

export function unexpectedFile(file: string): FatbuildrError {
  return new FatbuildrError(
    'DEB.UNEXPECTED_FILE',
    `${file}: not a file a deb registry publishes; expected .deb, or .dsc with the files it lists`,
    { file },
  );
}
