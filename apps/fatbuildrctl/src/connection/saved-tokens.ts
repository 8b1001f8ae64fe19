import { mkdir, readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import writeFileAtomic from 'write-file-atomic';
import { noToken } from './connection.errors';
import { ConnectionService } from './connection.service';

/** Longest token that is read. */
const TOKEN_CHARACTERS = 8192;
const ENDING = '.token';

/** A token the user keeps; what it says of itself is not checked here. */
export interface SavedToken {
  /** Name of its file without the ending, which tells server and instance. */
  name: string;
  user: string;
  /** Seconds since the epoch; 0 when it does not say. */
  expires: number;
}

/** The tokens for servers that the user keeps, a private file each. */
@Injectable()
export class SavedTokens {
  constructor(@Inject(ConnectionService) private readonly connection: ConnectionService) {}

  async list(): Promise<SavedToken[]> {
    const { readToken } = await import('@fatbuildr/protocol-http');
    const folder = await this.folder();
    const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(ENDING));
    return Promise.all(
      names.sort().map(async (name) => ({
        name: basename(name, ENDING),
        ...claimsOf((await readToken(join(folder, name))) ?? ''),
      })),
    );
  }

  /**
   * Keeps a token for a URI, instead of the one before.
   *
   * @returns the path of its file
   * @throws FatbuildrError `USAGE.URI`, `TOKENS.NONE`
   */
  async save(uri: string, written: string): Promise<string> {
    const { tokenFile } = await import('@fatbuildr/protocol-http');
    const file = tokenFile(await this.folder(), uri);
    const token = written.trim();
    if (token.length > TOKEN_CHARACTERS || !/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) throw noToken();
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFileAtomic(file, `${token}\n`, { mode: 0o600 });
    return file;
  }

  private async folder(): Promise<string> {
    return (await this.connection.preferences()).tokens;
  }
}

function claimsOf(token: string): Pick<SavedToken, 'user' | 'expires'> {
  try {
    const part = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8');
    const { sub, exp } = JSON.parse(part) as { sub?: unknown; exp?: unknown };
    return { user: String(sub ?? ''), expires: typeof exp === 'number' ? exp : 0 };
  } catch {
    return { user: '', expires: 0 };
  }
}
