import { FatbuildrError } from '@fatbuildr/errors';

export function noKeyring(instance: string): FatbuildrError {
  return new FatbuildrError(
    'KEYRING.MISSING',
    `instance ${instance} has no keyring, create it with "fatbuildrctl keyring create"`,
    { instance },
  );
}

export function keyringExists(instance: string, fingerprint: string): FatbuildrError {
  return new FatbuildrError(
    'KEYRING.EXISTS',
    `instance ${instance} has a keyring already, with key ${fingerprint}; to extend its validity use "fatbuildrctl keyring renew"`,
    { instance, fingerprint },
  );
}

export function keyringExpired(instance: string, expires: string): FatbuildrError {
  return new FatbuildrError(
    'KEYRING.EXPIRED',
    `the key of instance ${instance} expired on ${expires} UTC, extend it with "fatbuildrctl keyring renew --duration 1y"`,
    { instance, expires },
  );
}

/** @param file the file that is not as it should be */
export function keyringBroken(
  instance: string,
  file: string,
  reason: string,
  cause?: unknown,
): FatbuildrError {
  return new FatbuildrError(
    'KEYRING.BROKEN',
    `the keyring of instance ${instance} cannot be used: ${file} ${reason}; restore it from a backup`,
    { instance, file },
    { cause },
  );
}
