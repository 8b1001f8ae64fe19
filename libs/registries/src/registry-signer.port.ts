import type { Instance } from '@fatbuildr/instances';

export const REGISTRY_SIGNER = Symbol('REGISTRY_SIGNER');

/** Signs indices with the signing subkey of an instance; every method refuses when it has no keyring. */
export interface RegistrySigner {
  /** Clear-signed text with LF line ends. */
  clearSign(instance: Instance, text: string): Promise<string>;
  detachSign(instance: Instance, data: Buffer, options: { armored: boolean }): Promise<Buffer>;
  /** Whether this is a signature of the data by the instance's key; false for whatever cannot be read. */
  verify(instance: Instance, data: Buffer, signature: Buffer): Promise<boolean>;
  /** The armored public key. */
  export(instance: Instance): Promise<string>;
}
