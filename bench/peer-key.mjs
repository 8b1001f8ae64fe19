// The key that a peer signs its registry with: as strong as ours, and without a passphrase.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const PARAMETERS = `%no-protection
Key-Type: RSA
Key-Length: 4096
Name-Real: Bench
Expire-Date: 0
%commit
`;

/**
 * @param {string} folder of gpg, which is made
 * @param {(argv: string[]) => Promise<void>} run runs a command with GNUPGHOME at that folder
 */
export async function createPeerKey(folder, run) {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const parameters = join(folder, 'parameters');
  await writeFile(parameters, PARAMETERS);
  await run(['gpg', '--batch', '--generate-key', parameters]);
  await rm(parameters);
}
