import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tokenUnreadable } from './http-client.errors';
import { parseHttpUri } from './http-target';

/**
 * Where the token for a URI is kept: one file per server and instance, named after both.
 *
 * @param folder the user's folder of tokens
 * @throws FatbuildrError `USAGE.URI`
 */
export function tokenFile(folder: string, uri: string): string {
  const { server, instance } = parseHttpUri(uri);
  const name = server.replace(/^https?:\/\//, '').replace(/[^A-Za-z0-9._-]/g, '_');
  return join(folder, `${name}${instance === undefined ? '' : `_${instance}`}.token`);
}

/**
 * @returns `undefined` when there is none
 * @throws FatbuildrError `TOKENS.UNREADABLE`
 */
export async function readToken(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).trim() || undefined;
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw tokenUnreadable(file, fault);
  }
}
