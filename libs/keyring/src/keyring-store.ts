import { mkdir, open, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';

/**
 * The files of all keyrings:
 *
 *     <storage>/<instance>/keyring.asc      0600  private key, encrypted with the passphrase
 *     <storage>/<instance>/public.asc       0644  public key, for who serves it without the private one
 *     <storage>/passphrases.d/<instance>    0400  its passphrase, apart so that a backup can leave it out
 *
 * Folders are 0700. No instance can be called `passphrases.d`, ids hold no dot. A keyring exists as soon
 * as `keyring.asc` does, which is renamed into place when the passphrase is on the disk; `public.asc`
 * follows it.
 */
export class KeyringStore {
  constructor(private readonly storage: string) {}

  keyFile(instance: string): string {
    return join(this.storage, instance, 'keyring.asc');
  }

  publicFile(instance: string): string {
    return join(this.storage, instance, 'public.asc');
  }

  passphraseFile(instance: string): string {
    return join(this.storage, 'passphrases.d', instance);
  }

  /** Changes whenever the key does; `undefined` when there is none. */
  async version(instance: string): Promise<string | undefined> {
    try {
      const { ino, mtimeMs, size } = await stat(this.keyFile(instance));
      return `${ino}:${mtimeMs}:${size}`;
    } catch (fault) {
      return absent(fault);
    }
  }

  async readKey(instance: string): Promise<string> {
    return readFile(this.keyFile(instance), 'utf8');
  }

  async readPublic(instance: string): Promise<string | undefined> {
    return readFile(this.publicFile(instance), 'utf8').catch(absent);
  }

  async readPassphrase(instance: string): Promise<string | undefined> {
    return readFile(this.passphraseFile(instance), 'utf8').catch(absent);
  }

  async writePassphrase(instance: string, passphrase: string): Promise<void> {
    const file = this.passphraseFile(instance);
    await write(file, passphrase, 0o400);
    // A key must never reach the disk before its passphrase, so the name of the file has to be there too.
    const folder = await open(dirname(file));
    await folder.sync().finally(() => folder.close());
  }

  async writeKey(instance: string, armored: string): Promise<void> {
    await write(this.keyFile(instance), armored, 0o600);
  }

  async writePublic(instance: string, armored: string): Promise<void> {
    await write(this.publicFile(instance), armored, 0o644);
  }
}

async function write(file: string, content: string, mode: number): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFileAtomic(file, content, { mode });
}

/** `undefined` for a file that is not there; a process that may not look sees none either. */
function absent(fault: unknown): undefined {
  const { code } = fault as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'EACCES') return undefined;
  throw fault;
}
