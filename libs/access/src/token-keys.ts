import { randomBytes, randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** As long as the longest digest that signs (RFC 7518 3.2 asks for no less). */
const KEY_BYTES = 64;

/** The keys that sign tokens, one of each instance: `<storage>/<instance>.key`, 0600. */
export class TokenKeys {
  private readonly known = new Map<string, Promise<Buffer>>();

  /** @param storage `[tokens] storage` */
  constructor(private readonly storage: string) {}

  /** The key of an instance, made when it is needed first. */
  of(instance: string): Promise<Buffer> {
    let key = this.known.get(instance);
    if (key === undefined) {
      key = this.readOrMake(join(this.storage, `${instance}.key`));
      this.known.set(instance, key);
      key.catch(() => this.known.delete(instance));
    }
    return key;
  }

  private async readOrMake(file: string): Promise<Buffer> {
    const present = await readFile(file).catch(absent);
    if (present !== undefined) return present;
    await mkdir(this.storage, { recursive: true, mode: 0o700 });
    const draft = `${file}.${randomUUID()}`;
    const handle = await open(draft, 'wx', 0o600);
    try {
      await handle.writeFile(randomBytes(KEY_BYTES));
      await handle.sync();
    } finally {
      await handle.close();
    }
    try {
      // Unlike a rename it does not replace the key that another process makes at this moment.
      await link(draft, file).catch((fault: NodeJS.ErrnoException) => {
        if (fault.code !== 'EEXIST') throw fault;
      });
    } finally {
      await rm(draft);
    }
    return readFile(file);
  }
}

function absent(fault: NodeJS.ErrnoException): undefined {
  if (fault.code !== 'ENOENT') throw fault;
}
