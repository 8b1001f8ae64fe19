import type { ClientRequest, ClientSetup } from './registry-format.port';

interface SummedFiles {
  /** Of the folder that the names in the sums are relative to. */
  address: string;
  /** Commands that leave a verified `SHA256SUMS`; @param keyring path of the key */
  fetchSums: (keyring: string) => readonly string[];
  /** How the names of the wanted files begin. */
  wanted: readonly string[];
}

/** What clients without a package manager do: verify signed sums, then fetch files that are in them. */
export function plainClientSetup(
  { instance, key }: Pick<ClientRequest, 'instance' | 'key'>,
  { address, fetchSums, wanted }: SummedFiles,
): ClientSetup {
  const keyring = `/usr/share/keyrings/${instance.id}`;
  const patterns = wanted.map((start) => `-e '  ${start}'`).join(' ');
  return {
    file: `${keyring}.asc`,
    content: key,
    commands: [
      `gpg --dearmor --output ${keyring}.gpg ${keyring}.asc`,
      ...fetchSums(`${keyring}.gpg`),
      `grep -F ${patterns} SHA256SUMS | cut -c 67- | xargs -I '{}' curl --fail --create-dirs --output '{}' '${address}/{}'`,
      'sha256sum --check --ignore-missing SHA256SUMS',
    ],
  };
}
