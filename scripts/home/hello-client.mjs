// A client of the registry: a container that knows one key and one package source, and no network.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What apt and dpkg need as root in a container: to change owners and to become the user that downloads. */
const CAPABILITIES = ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'SETGID', 'SETUID'];

const INSTALLED = 'installed-version';

/** Run by /bin/sh -eu inside the container. */
const SCRIPT = `
rm -rf /etc/apt/sources.list /etc/apt/sources.list.d /etc/apt/trusted.gpg /etc/apt/trusted.gpg.d
mkdir /etc/apt/sources.list.d
cp /client/fatbuildr.sources /etc/apt/sources.list.d/
rm -rf /var/lib/apt/lists
apt-get -q update
apt-get -q -y -o Dpkg::Use-Pty=0 install --no-install-recommends hello
apt-cache policy hello
hello
printf '${INSTALLED} %s\\n' "$(dpkg-query -W -f '\${Version}' hello)"
`;

/**
 * Installs hello with apt and runs it; what is printed is shown.
 *
 * @param {import('../../libs/containers/src').ContainerEngine} engine
 * @param {{ home: string, scratch: string, key: string, codename: string, versions: string[], image: string,
 *   signal: AbortSignal }} options `key`: the exported public key; `versions`: those the registry lists
 */
export async function installHello(engine, options) {
  const { home, scratch, key, codename, versions, image, signal } = options;
  const client = join(scratch, 'client');
  await mkdir(client, { recursive: true, mode: 0o755 });
  await writeFile(join(client, 'fatbuildr.asc'), key);
  await writeFile(
    join(client, 'fatbuildr.sources'),
    `Types: deb
URIs: file:///registry
Suites: ${codename}
Components: main
Signed-By: /client/fatbuildr.asc
`,
  );
  let printed = '';
  const status = await engine.run(
    {
      image,
      owner: { instance: 'default', task: 'quickstart' },
      network: 'none',
      environment: { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' },
      capabilities: CAPABILITIES,
      mounts: [
        { source: join(home, 'registry/default/deb'), target: '/registry', readOnly: true },
        { source: client, target: '/client', readOnly: true },
      ],
      argv: ['/bin/sh', '-eu', '-c', SCRIPT],
    },
    {
      signal,
      output: (chunk, stream) => {
        printed += chunk.toString();
        process[stream].write(chunk);
      },
    },
  );
  if (status !== 0) throw new Error(`installing hello in a container failed with status ${status}`);
  const installed = new RegExp(`^${INSTALLED} (\\S+)$`, 'm').exec(printed)?.[1];
  if (installed === undefined || !versions.includes(installed)) {
    throw new Error(
      `apt installed hello ${installed}, which is none of ours: ${versions.join(', ')}`,
    );
  }
  return installed;
}
