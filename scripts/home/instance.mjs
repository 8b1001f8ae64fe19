// What a home needs before it can build: an instance, its key, its images. Each is made unless it is there.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * The instance `default` with this machine's own release.
 *
 * @param {{ home: string, name: string, codename: string, tag: string }} options
 * @returns {Promise<{ path: string, written: boolean }>}
 */
export async function writeInstance({ home, name, codename, tag }) {
  const path = join(home, 'etc/instances.d/default.yml');
  const content = `# Written by a script of Fatbuildr; yours from now on.
name: ${name}
gpg:
  name: ${name}
  email: packages@acme.example
formats:
  deb:
    - name: ${codename}
      env: ${codename}
      tag: ${tag}
`;
  await mkdir(dirname(path), { recursive: true });
  try {
    await writeFile(path, content, { flag: 'wx' });
    return { path, written: true };
  } catch (fault) {
    if (fault.code !== 'EEXIST') throw fault;
    return { path, written: false };
  }
}

/** @param {import('./daemon.mjs').CommandLine} ctl @returns whether a key was made */
export async function createKey(ctl) {
  if (await ctl.succeeds('keyring', 'show')) return false;
  await ctl.run('keyring', 'create');
  return true;
}

/**
 * @param {import('./daemon.mjs').CommandLine} ctl
 * @param {{ format: boolean, environment: boolean }} made as `existingImages` found it
 * @param {{ codename: string, note: (text: string) => void }} options
 */
export async function createImages(ctl, made, { codename, note }) {
  if (made.format) note('the image is there');
  else await ctl.run('images', 'create', '-f', 'deb');
  if (made.environment) note('the environment is there');
  else await ctl.run('images', 'env-create', '-d', codename);
}
