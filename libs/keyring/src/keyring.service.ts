import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, Optional } from '@nestjs/common';
import { Mutex } from 'async-mutex';
import { CONFIGURATION, type Configuration, parseDuration } from '@fatbuildr/config';
import type { Instance } from '@fatbuildr/instances';
import type { KeyringDescription } from '@fatbuildr/protocol';
import type { Key, PrivateKey } from 'openpgp';
import {
  dateText,
  describe,
  expiryOf,
  extend,
  generate,
  lastUpdateOf,
  signingSubkeyOf,
} from './key';
import { KeyringStore } from './keyring-store';
import { keyringBroken, keyringExists, keyringExpired, noKeyring } from './keyring.errors';
import { loadOpenPgp, settings } from './openpgp';

/** 256 bits: guessing it is no easier than guessing the key. */
const PASSPHRASE_BYTES = 32;

/** Whose keyring it is: the instance, of which only these are looked at. */
export type KeyringOwner = Pick<Instance, 'id' | 'gpg'>;

/** Provided as `true` by a program that signs nothing. */
export const PUBLIC_KEYS_ONLY = Symbol('public keys only');

/** A key as it is on the disk. */
interface LoadedKey {
  version: string;
  locked: PrivateKey;
  publicArmored: string;
  /** Decrypted on first use. */
  unlocked?: Promise<PrivateKey>;
}

/**
 * The signing key of each instance: a master key that certifies and one subkey that signs. Keys are kept
 * in memory once used and read again when their file changes.
 */
@Injectable()
export class KeyringService {
  private readonly store: KeyringStore;
  private readonly loaded = new Map<string, LoadedKey>();
  private readonly changes = new Map<string, Mutex>();

  /** @param publicOnly for a program that signs nothing: it never looks at a private key */
  constructor(
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    @Optional() @Inject(PUBLIC_KEYS_ONLY) private readonly publicOnly = false,
  ) {
    this.store = new KeyringStore(configuration.keyring.storage);
  }

  /** @throws FatbuildrError `KEYRING.MISSING` */
  async describe(instance: KeyringOwner): Promise<KeyringDescription> {
    return describe(await this.publicKey(instance));
  }

  /**
   * The armored public key.
   *
   * @throws FatbuildrError `KEYRING.MISSING`
   */
  async export(instance: KeyringOwner): Promise<string> {
    const armored =
      (await this.load(instance))?.publicArmored ?? (await this.store.readPublic(instance.id));
    if (armored === undefined) throw noKeyring(instance.id);
    return armored;
  }

  /**
   * Generates the key of an instance, as `[keyring]` says; takes seconds for RSA.
   *
   * @throws FatbuildrError `KEYRING.EXISTS`
   */
  async create(instance: KeyringOwner): Promise<void> {
    await this.change(instance, async () => {
      const existing = await this.load(instance);
      if (existing) throw keyringExists(instance.id, describe(existing.locked).fingerprint);
      const passphrase = randomBytes(PASSPHRASE_BYTES).toString('base64url');
      const armored = await generate(instance.gpg, this.configuration.keyring, passphrase);
      await this.store.writePassphrase(instance.id, passphrase);
      await this.store.writeKey(instance.id, armored);
      await this.load(instance);
    });
  }

  /**
   * Gives the key and its subkey a new expiry, counted from now.
   *
   * @param duration `10` (days), `3w`, `6m`, `2y`; `0` or `no`: never expires
   * @throws FatbuildrError `CONFIG.VALUE` for another duration, `KEYRING.MISSING`, `KEYRING.BROKEN`
   */
  async renew(instance: KeyringOwner, duration: string): Promise<void> {
    const lifetime = parseDuration(duration);
    await this.change(instance, async () => {
      const present = await this.load(instance);
      if (!present) throw noKeyring(instance.id);
      // The newest self-signature counts, and OpenPGP knows whole seconds only.
      const wait = lastUpdateOf(present.locked).getTime() + 1000 - Date.now();
      if (wait > 0) await delay(wait);
      // A copy of its own: the work encrypts it again, under the hands of whoever signs meanwhile.
      const { key, passphrase } = await this.unlock(instance);
      await this.store.writeKey(instance.id, await extend(key, lifetime, passphrase));
      await this.load(instance);
    });
  }

  /**
   * Signs a text for everyone to read (RFC 9580 7). Lines end in LF and have no trailing blanks.
   *
   * @throws FatbuildrError `KEYRING.MISSING`, `KEYRING.EXPIRED`, `KEYRING.BROKEN`
   */
  async clearSign(instance: KeyringOwner, text: string): Promise<string> {
    const openpgp = await loadOpenPgp();
    const lines = text.split('\n').map((line) => line.trimEnd());
    // The line end before the signature belongs to the format, not to the text.
    if (lines.at(-1) === '') lines.pop();
    // Text: the library's types get lost in those of a stream package that is not installed.
    const signed: unknown = await openpgp.sign({
      message: await openpgp.createCleartextMessage({ text: lines.join('\n') }),
      ...(await this.signer(instance)),
      format: 'armored',
      config: settings(openpgp),
    });
    return withUnixLines(String(signed));
  }

  /**
   * Signs data; the signature stands alone.
   *
   * @throws FatbuildrError `KEYRING.MISSING`, `KEYRING.EXPIRED`, `KEYRING.BROKEN`
   */
  async detachSign(
    instance: KeyringOwner,
    data: Buffer,
    { armored }: { armored: boolean },
  ): Promise<Buffer> {
    const openpgp = await loadOpenPgp();
    const options = {
      message: await openpgp.createMessage({ binary: data }),
      ...(await this.signer(instance)),
      detached: true,
      config: settings(openpgp),
    } as const;
    if (!armored) return Buffer.from(await openpgp.sign({ ...options, format: 'binary' }));
    const signature: unknown = await openpgp.sign({ ...options, format: 'armored' });
    return Buffer.from(withUnixLines(String(signature)));
  }

  /**
   * Whether this is a signature of the data by the instance's key; false for whatever cannot be read.
   *
   * @param signature binary, standing alone
   * @throws FatbuildrError `KEYRING.MISSING`
   */
  async verify(instance: KeyringOwner, data: Buffer, signature: Buffer): Promise<boolean> {
    const openpgp = await loadOpenPgp();
    const key = await this.publicKey(instance);
    try {
      const { signatures } = await openpgp.verify({
        message: await openpgp.createMessage({ binary: data }),
        signature: await openpgp.readSignature({ binarySignature: signature }),
        verificationKeys: key.toPublic(),
        expectSigned: true,
      });
      return signatures.length > 0;
    } catch {
      return false;
    }
  }

  /** The key to sign with and, chosen explicitly, its subkey. */
  private async signer(instance: KeyringOwner) {
    const loaded = await this.load(instance);
    if (!loaded) throw noKeyring(instance.id);
    const expires = expiryOf(loaded.locked);
    if (expires && expires.getTime() <= Date.now()) {
      throw keyringExpired(instance.id, dateText(expires));
    }
    loaded.unlocked ??= this.unlock(instance).then(({ key }) => key);
    const signingKeys = await loaded.unlocked.catch((fault: unknown) => {
      loaded.unlocked = undefined;
      throw fault;
    });
    return { signingKeys, signingKeyIDs: signingSubkeyOf(signingKeys).getKeyID() };
  }

  private async publicKey(instance: KeyringOwner): Promise<Key> {
    const loaded = await this.load(instance);
    if (loaded) return loaded.locked;
    const armored = await this.export(instance);
    const openpgp = await loadOpenPgp();
    return openpgp.readKey({ armoredKey: armored });
  }

  /** The key as it is on the disk now; `undefined` when this process sees none. */
  private async load(instance: KeyringOwner): Promise<LoadedKey | undefined> {
    const { id } = instance;
    const version = this.publicOnly ? undefined : await this.store.version(id);
    if (version === undefined) {
      this.loaded.delete(id);
      return undefined;
    }
    const known = this.loaded.get(id);
    if (known?.version === version) return known;
    const locked = await this.parse(id, await this.store.readKey(id));
    const publicArmored = withUnixLines(locked.toPublic().armor());
    // After a new or renewed key, and after a crash between the two files.
    if ((await this.store.readPublic(id)) !== publicArmored) {
      await this.store.writePublic(id, publicArmored);
    }
    const loaded = { version, locked, publicArmored };
    this.loaded.set(id, loaded);
    return loaded;
  }

  private async parse(instance: string, armoredKey: string): Promise<PrivateKey> {
    const openpgp = await loadOpenPgp();
    try {
      const key = await openpgp.readPrivateKey({ armoredKey });
      describe(key);
      return key;
    } catch (fault) {
      const file = this.store.keyFile(instance);
      throw keyringBroken(instance, file, 'holds no private key of ours', fault);
    }
  }

  /** A decrypted copy of the key. */
  private async unlock({ id }: KeyringOwner): Promise<{ key: PrivateKey; passphrase: string }> {
    const openpgp = await loadOpenPgp();
    const file = this.store.passphraseFile(id);
    const passphrase = await this.store.readPassphrase(id);
    if (passphrase === undefined) throw keyringBroken(id, file, 'is missing');
    const privateKey = await this.parse(id, await this.store.readKey(id));
    try {
      return { key: await openpgp.decryptKey({ privateKey, passphrase }), passphrase };
    } catch (fault) {
      throw keyringBroken(id, file, 'does not open the key', fault);
    }
  }

  /** One change of a keyring after the other. */
  private async change(instance: KeyringOwner, work: () => Promise<void>): Promise<void> {
    const mutex = this.changes.get(instance.id) ?? new Mutex();
    this.changes.set(instance.id, mutex);
    await mutex.runExclusive(work);
  }
}

/** The OpenPGP armor allows both line ends; apt wants LF. */
function withUnixLines(text: string): string {
  return text.replaceAll('\r\n', '\n');
}
