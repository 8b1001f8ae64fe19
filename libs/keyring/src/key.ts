import type { Configuration } from '@fatbuildr/config';
import type { KeyringDescription, SubkeyDescription } from '@fatbuildr/protocol';
import type { Key, PrivateKey, SignaturePacket, Subkey } from 'openpgp';
import { loadOpenPgp, settings } from './openpgp';

/**
 * Generates a master key with one signing subkey.
 *
 * RSA keys are searched for by Node in threads of its pool: seconds of them leave the event loop free.
 *
 * @returns the private key, armored and encrypted with the passphrase
 */
export async function generate(
  owner: { name: string; email: string },
  { type, size, expires }: Configuration['keyring'],
  passphrase: string,
): Promise<string> {
  const openpgp = await loadOpenPgp();
  const { privateKey } = await openpgp.generateKey({
    ...(type === 'rsa'
      ? { type: 'rsa' as const, rsaBits: size }
      : { type: 'ecc' as const, curve: 'ed25519Legacy' as const }),
    userIDs: { name: owner.name, email: owner.email },
    subkeys: [{ sign: true }],
    passphrase,
    keyExpirationTime: expires ?? 0,
    format: 'armored',
    config: settings(openpgp),
  });
  return privateKey;
}

/**
 * Gives master key and subkey a new expiry. The signatures that bound them so far are kept: verifiers
 * that judge an old signature by the key as it was at that time (Sequoia) need them.
 *
 * @param key decrypted; encrypted with the passphrase again afterwards
 * @param lifetime seconds from now; `undefined`: never expires
 * @returns the private key, armored and encrypted
 */
export async function extend(
  key: PrivateKey,
  lifetime: number | undefined,
  passphrase: string,
): Promise<string> {
  const openpgp = await loadOpenPgp();
  const now = new Date();
  // OpenPGP counts the expiry from the creation of the key.
  const age = Math.floor((now.getTime() - key.getCreationTime().getTime()) / 1000);
  const { privateKey } = await openpgp.reformatKey({
    privateKey: key,
    userIDs: key.users.flatMap(({ userID }) =>
      userID ? [{ name: userID.name, email: userID.email }] : [],
    ),
    passphrase,
    keyExpirationTime: lifetime === undefined ? 0 : age + lifetime,
    date: now,
    format: 'object',
    config: settings(openpgp),
  });
  for (const [index, user] of key.users.entries()) {
    privateKey.users[index]?.selfCertifications.push(...user.selfCertifications);
  }
  for (const [index, subkey] of key.subkeys.entries()) {
    privateKey.subkeys[index]?.bindingSignatures.push(...subkey.bindingSignatures);
  }
  return privateKey.armor();
}

/** What a user is told about a key. */
export function describe(key: Key): KeyringDescription {
  const certification = certificationOf(key);
  const subkey = signingSubkeyOf(key);
  return {
    userid: key.users[0]?.userID?.userID ?? '',
    id: key.getKeyID().toHex().toUpperCase(),
    ...part(key, certification),
    last_update: dateText(certification.created),
    subkey: part(subkey, newest(subkey.bindingSignatures)),
  };
}

/** When the key can no longer sign: the earlier expiry of master key and subkey; `undefined`: never. */
export function expiryOf(key: Key): Date | undefined {
  const subkey = signingSubkeyOf(key);
  const ends = [
    expiry(key, certificationOf(key)),
    expiry(subkey, newest(subkey.bindingSignatures)),
  ].filter((end) => end !== undefined);
  return ends.sort((a, b) => a.getTime() - b.getTime())[0];
}

/** When the key was created or renewed last. */
export function lastUpdateOf(key: Key): Date {
  return certificationOf(key).created ?? key.getCreationTime();
}

/** The subkey that signs: we generate exactly one. */
export function signingSubkeyOf(key: Key): Subkey {
  const [subkey] = key.subkeys;
  if (!subkey) throw new Error('holds no signing subkey');
  return subkey;
}

function certificationOf(key: Key): SignaturePacket {
  return newest(key.users[0]?.selfCertifications ?? []);
}

/** The newest self-signature is the one that counts, RFC 9580 5.2.3.10. */
function newest(signatures: readonly SignaturePacket[]): SignaturePacket {
  const time = (signature: SignaturePacket) => signature.created?.getTime() ?? 0;
  const [first] = [...signatures].sort((a, b) => time(b) - time(a));
  if (!first) throw new Error('holds a part without a self-signature');
  return first;
}

function expiry(key: Key | Subkey, binding: SignaturePacket): Date | undefined {
  const seconds = binding.keyExpirationTime;
  return seconds ? new Date(key.getCreationTime().getTime() + seconds * 1000) : undefined;
}

function part(key: Key | Subkey, binding: SignaturePacket): SubkeyDescription {
  return {
    fingerprint: key.getFingerprint().toUpperCase(),
    algo: algorithmText(key),
    expires: dateText(expiry(key, binding)),
    creation: dateText(key.getCreationTime()),
  };
}

/** As GnuPG writes it: `rsa4096`, `ed25519`. */
function algorithmText(key: Key | Subkey): string {
  const { algorithm, bits, curve } = key.getAlgorithmInfo();
  if (bits !== undefined) return `${algorithm.replace(/^(rsa).*$/, '$1')}${bits}`;
  return (curve ?? algorithm).replace(/Legacy$/, '');
}

/** `YYYY-MM-DD HH:MM:SS` in UTC, `never` for none (D-Bus contract, "keyring"). */
export function dateText(date: Date | null | undefined): string {
  return date ? date.toISOString().slice(0, 19).replace('T', ' ') : 'never';
}
