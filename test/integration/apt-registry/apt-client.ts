import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '@fatbuildr/processes';

/** Real apt on a root of its own: it sees nothing of this host's sources, keys, caches and packages. */
export class AptClient {
  private constructor(
    readonly root: string,
    private readonly architectures: readonly string[],
  ) {}

  /** @param sources content of a deb822 sources file */
  static async create(
    root: string,
    sources: string,
    architectures: readonly string[] = ['amd64'],
  ): Promise<AptClient> {
    for (const folder of [
      'etc/sources.list.d',
      'etc/preferences.d',
      'etc/trusted.gpg.d',
      'etc/apt.conf.d',
      'state/lists/partial',
      'cache/archives/partial',
      'downloads',
    ]) {
      await mkdir(join(root, folder), { recursive: true });
    }
    for (const empty of ['state/status', 'etc/apt.conf', 'etc/sources.list']) {
      await writeFile(join(root, empty), '');
    }
    await writeFile(join(root, 'etc', 'sources.list.d', 'registry.sources'), sources);
    return new AptClient(root, architectures);
  }

  /** Any complaint of apt is a fault: warnings on the signature or the Release file are what we look for. */
  async update(...options: string[]): Promise<string> {
    const output = await this.run('apt-get', 'update', '--error-on=any', ...options);
    if (/^[WE]:/m.test(output)) throw new Error(`apt-get update complains: ${output}`);
    return output;
  }

  get(...args: string[]): Promise<string> {
    return this.run('apt-get', ...args);
  }

  cache(...args: string[]): Promise<string> {
    return this.run('apt-cache', ...args);
  }

  get downloads(): string {
    return join(this.root, 'downloads');
  }

  /** @returns standard output and error */
  private async run(program: string, ...args: string[]): Promise<string> {
    const said: Buffer[] = [];
    const settings = {
      Dir: this.root,
      'Dir::Etc': join(this.root, 'etc'),
      'Dir::Etc::main': join(this.root, 'etc', 'apt.conf'),
      'Dir::Etc::parts': join(this.root, 'etc', 'apt.conf.d'),
      'Dir::Etc::sourcelist': join(this.root, 'etc', 'sources.list'),
      'Dir::Etc::sourceparts': join(this.root, 'etc', 'sources.list.d'),
      'Dir::State': join(this.root, 'state'),
      'Dir::State::status': join(this.root, 'state', 'status'),
      'Dir::Cache': join(this.root, 'cache'),
      'Dir::Bin::methods': '/usr/lib/apt/methods',
      'APT::Architecture': this.architectures[0] ?? '',
      'APT::Architectures': this.architectures.join(','),
      'APT::Sandbox::User': 'root',
      'APT::Get::Assume-Yes': 'true',
      'Acquire::Languages': 'none',
      'Acquire::http::Proxy': 'false',
    };
    const options = Object.entries(settings).flatMap(([key, value]) => ['-o', `${key}=${value}`]);
    await run([program, '-q', ...options, ...args], {
      cwd: this.downloads,
      env: {
        PATH: process.env.PATH,
        LC_ALL: 'C.UTF-8',
        APT_CONFIG: join(this.root, 'etc', 'apt.conf'),
      },
      stdout: (chunk) => said.push(chunk),
      stderr: (chunk) => said.push(chunk),
    });
    return Buffer.concat(said).toString('utf8');
  }
}
