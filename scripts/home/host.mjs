// What this machine says about itself.
import { readFile } from 'node:fs/promises';

/**
 * The release this machine runs.
 *
 * @returns {Promise<{ codename: string, tag: string }>} for example `bookworm` and `deb12`
 */
export async function hostRelease() {
  const content = await readFile('/etc/os-release', 'utf8');
  const fields = new Map(
    content
      .split('\n')
      .map((line) => /^(\w+)="?([^"]*)"?$/.exec(line))
      .filter((match) => match !== null)
      .map(([, key, value]) => [key, value]),
  );
  const codename = fields.get('VERSION_CODENAME');
  if (fields.get('ID') !== 'debian' || !codename) {
    throw new Error(`this runs on Debian, and /etc/os-release says ${fields.get('PRETTY_NAME')}`);
  }
  // Testing and unstable carry no number.
  return { codename, tag: `deb${fields.get('VERSION_ID') ?? codename}` };
}
