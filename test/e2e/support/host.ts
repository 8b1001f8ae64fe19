import { readFileSync } from 'node:fs';

const fields = new Map(
  readFileSync('/etc/os-release', 'utf8')
    .split('\n')
    .map((line) => /^(\w+)="?([^"]*)"?$/.exec(line))
    .filter((match) => match !== null)
    .map((match) => [match[1]!, match[2]!]),
);

/** The host's own release: the one distribution that its package sources are sure to carry. */
export const HOST_CODENAME = fields.get('VERSION_CODENAME')!;
export const HOST_TAG = `deb${fields.get('VERSION_ID')}`;

/** An instance that builds deb packages for the host's release. */
export function hostInstance(name = 'Tests', more = ''): string {
  return `name: ${name}
gpg:
  name: ${name} Packages
  email: packages@acme.example
formats:
  deb:
    - name: ${HOST_CODENAME}
      env: ${HOST_CODENAME}
      tag: ${HOST_TAG}
${more}`;
}
