import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '@fatbuildr/processes';

/** Real dnf on a root of its own: it sees nothing of this host's repositories, keys and packages. */
export class DnfClient {
  private constructor(readonly root: string) {}

  /** @param repositories content of a `.repo` file */
  static async create(root: string, repositories: string): Promise<DnfClient> {
    for (const folder of ['repos', 'home', 'vars', 'log', 'installed']) {
      await mkdir(join(root, folder), { recursive: true });
    }
    await writeFile(join(root, 'home', '.rpmmacros'), '%_dbpath /var/lib/rpm\n');
    await writeFile(join(root, 'dnf.conf'), '[main]\ninstall_weak_deps=False\nkeepcache=True\n');
    await writeFile(join(root, 'repos', 'registry.repo'), repositories);
    return new DnfClient(root);
  }

  /** @returns standard output and error */
  async dnf(...args: string[]): Promise<string> {
    const said: Buffer[] = [];
    await run(
      [
        'dnf',
        '--assumeyes',
        '--noplugins',
        `--config=${join(this.root, 'dnf.conf')}`,
        `--setopt=reposdir=${join(this.root, 'repos')}`,
        `--setopt=varsdir=${join(this.root, 'vars')}`,
        `--setopt=cachedir=${join(this.root, 'cache')}`,
        `--setopt=logdir=${join(this.root, 'log')}`,
        `--installroot=${this.installed}`,
        '--releasever=9',
        ...args,
      ],
      {
        cwd: this.root,
        env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8', HOME: join(this.root, 'home') },
        stdout: (chunk) => said.push(chunk),
        stderr: (chunk) => said.push(chunk),
      },
    );
    return Buffer.concat(said).toString('utf8');
  }

  /** Where packages are installed. */
  get installed(): string {
    return join(this.root, 'installed');
  }
}

/** What rpmkeys says of packages to someone who knows nothing but this key. */
export async function checkSignatures(
  home: string,
  key: string,
  files: readonly string[],
): Promise<string> {
  const options = ['--define', `_dbpath ${join(home, 'rpmdb')}`];
  const keyFile = join(home, 'key.asc');
  await writeFile(keyFile, key);
  await run(['rpmkeys', ...options, '--import', keyFile]);
  const { stdout } = await run(['rpmkeys', ...options, '--checksig', '--verbose', ...files]);
  return stdout.toString('utf8');
}
