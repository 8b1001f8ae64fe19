// The classic way by hand: cowbuilder for the build, reprepro for the registry, gpg for its signature.
import { access, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execute } from '../scripts/home/commands.mjs';
import { createPeerKey } from './peer-key.mjs';

export class Cowbuilder {
  #folders;
  #codename;
  #signal;
  #environment;

  constructor({ folders, codename, signal, environment }) {
    this.#folders = folders;
    this.#codename = codename;
    this.#signal = signal;
    this.#environment = environment;
  }

  /** Makes the base, once for a home, and a registry with its key; what this takes is not measured. */
  static async prepare({ home, scratch, codename, signal, say }) {
    const folders = {
      base: join(home, `cowbuilder/${codename}.cow`),
      place: join(home, 'cowbuilder/build'),
      aptcache: join(home, 'cowbuilder/aptcache'),
      result: join(scratch, 'result'),
      registry: join(scratch, 'registry'),
      gnupg: join(scratch, 'gnupg'),
    };
    for (const folder of [folders.place, folders.aptcache, folders.result]) {
      await mkdir(folder, { recursive: true });
    }
    const environment = {
      ...process.env,
      GNUPGHOME: folders.gnupg,
      HOME: scratch,
      LC_ALL: 'C.UTF-8',
    };
    const cowbuilder = new Cowbuilder({ folders, codename, signal, environment });
    const made = await access(folders.base).then(
      () => true,
      () => false,
    );
    if (!made) {
      say('the base of cowbuilder');
      await cowbuilder.#createBase(await hostMirror(codename, signal));
    }
    await cowbuilder.#createRegistry();
    return cowbuilder;
  }

  async #createBase(mirror) {
    const { base } = this.#folders;
    try {
      await this.#run([
        'cowbuilder',
        '--create',
        ...this.#options(),
        ...['--distribution', this.#codename, '--mirror', mirror, '--components', 'main'],
      ]);
    } catch (fault) {
      await rm(base, { recursive: true, force: true });
      throw fault;
    }
  }

  async #createRegistry() {
    const { registry, gnupg } = this.#folders;
    await createPeerKey(gnupg, (argv) => this.#run(argv));
    await mkdir(join(registry, 'conf'), { recursive: true });
    await writeFile(
      join(registry, 'conf/distributions'),
      `Codename: ${this.#codename}
Architectures: amd64 arm64 source
Components: main
SignWith: yes
`,
    );
  }

  /** Builds and publishes a source package. */
  async build(source) {
    const { result, registry } = this.#folders;
    await rm(result, { recursive: true, force: true });
    await mkdir(result, { recursive: true });
    // Upstream's archive goes into the registry with every revision: this one holds no earlier one.
    const options = [...this.#options(), '--debbuildopts', '-sa'];
    await this.#run(['cowbuilder', '--build', ...options, source.path]);
    const changes = (await readdir(result)).find((name) => name.endsWith('.changes'));
    // The version may be there from the last round, with other bytes.
    await this.#run(['reprepro', '-b', registry, 'removesrc', this.#codename, 'hello']);
    await this.#run([
      ...['reprepro', '-b', registry, '--ignore=wrongdistribution'],
      ...['include', this.#codename, join(result, changes)],
    ]);
  }

  #options() {
    const { base, place, result, aptcache } = this.#folders;
    return [
      ...['--basepath', base, '--buildplace', place],
      ...['--buildresult', result, '--aptcache', aptcache],
    ];
  }

  async #run(argv) {
    await execute(argv, { signal: this.#signal, env: this.#environment, capture: true });
  }
}

/** The address this machine's own package sources give for its release. */
async function hostMirror(codename, signal) {
  const { stdout } = await execute(
    ['apt-get', 'indextargets', '--format', '$(RELEASE) $(REPO_URI)', 'Created-By: Packages'],
    { signal, capture: true },
  );
  const line = stdout.split('\n').find((text) => text.startsWith(`${codename} `));
  if (line === undefined) throw new Error(`the package sources of this machine lack ${codename}`);
  return line.slice(codename.length + 1);
}
