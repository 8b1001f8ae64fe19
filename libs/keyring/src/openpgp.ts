import type { PartialConfig } from 'openpgp';
import { withoutCriticalBits } from './signature-subpackets';

export type OpenPgp = typeof import('openpgp');

/** The method of openpgp's signature packets that serializes what the signature covers. */
interface Serializing {
  version: number;
  writeHashedSubPackets: (this: Serializing) => Uint8Array;
}

let loaded: Promise<OpenPgp> | undefined;

/**
 * The library, loaded on first use, with signatures that RPM accepts too. Its signature packets mark
 * subpackets critical without a way to say otherwise, so this one method is wrapped, in the one place
 * the library is loaded.
 */
export function loadOpenPgp(): Promise<OpenPgp> {
  loaded ??= import('openpgp').then((openpgp) => {
    const prototype = openpgp.SignaturePacket.prototype as unknown as Serializing;
    const write = prototype.writeHashedSubPackets;
    prototype.writeHashedSubPackets = function (this: Serializing): Uint8Array {
      const hashed = write.call(this);
      return this.version === 4 ? withoutCriticalBits(hashed) : hashed;
    };
    return openpgp;
  });
  return loaded;
}

/** Keys and signatures that gpgv 2.2, sqv and RPM read: version 4, SHA-512, nothing random in them. */
export function settings({ enums }: OpenPgp): PartialConfig {
  return {
    v6Keys: false,
    aeadProtect: false,
    preferredHashAlgorithm: enums.hash.sha512,
    nonDeterministicSignaturesViaNotation: false,
    showVersion: false,
    showComment: false,
  };
}
