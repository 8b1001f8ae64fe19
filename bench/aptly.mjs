// A registry of aptly, filled once for a home and kept. It compresses its indices with bzip2 where we use xz.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execute } from '../scripts/home/commands.mjs';
import { keptFolder } from './kept-folder.mjs';
import { createPeerKey } from './peer-key.mjs';
import { nameOf, writeTinyPackage } from './tiny-packages.mjs';

/** Lists of the files in all packages, which we do not publish. */
const WITHOUT_CONTENTS = '-skip-contents';

export class Aptly {
  #configuration;
  #signal;
  #environment;

  constructor({ configuration, signal, environment }) {
    this.#configuration = configuration;
    this.#signal = signal;
    this.#environment = environment;
  }

  static async prepare({ home, size, signal, say }) {
    const folder = join(home, `aptly-${size}`);
    const configuration = join(folder, 'aptly.conf');
    const gnupg = join(folder, 'gnupg');
    const environment = { ...process.env, GNUPGHOME: gnupg, HOME: folder, LC_ALL: 'C.UTF-8' };
    const aptly = new Aptly({ configuration, signal, environment });
    await keptFolder(folder, async () => {
      say(`a registry of ${size} packages made by aptly`);
      await createPeerKey(gnupg, (argv) => aptly.#run(argv));
      await writeFile(configuration, JSON.stringify({ rootDir: join(folder, 'root') }));
      await aptly.#fill(join(folder, 'packages'), size);
    });
    return aptly;
  }

  async publish(files) {
    await this.#aptly('repo', 'add', 'bench', ...files);
    await this.#aptly('publish', 'update', WITHOUT_CONTENTS, 'bench');
  }

  /** gpg leaves an agent running for its folder. */
  async close() {
    await this.#run(['gpgconf', '--kill', 'all']);
  }

  async #fill(packages, size) {
    await mkdir(packages);
    for (let id = 1; id <= size; id++) {
      await writeTinyPackage(packages, nameOf(id), `1.${id}-1`);
    }
    const place = ['-distribution=bench', '-component=main'];
    await this.#aptly('repo', 'create', ...place, 'bench');
    await this.#aptly('repo', 'add', '-remove-files', 'bench', packages);
    await this.#aptly(
      ...['publish', 'repo', ...place, '-architectures=amd64,source'],
      ...['-acquire-by-hash', WITHOUT_CONTENTS, 'bench'],
    );
    await rm(packages, { recursive: true });
  }

  async #aptly(...args) {
    await this.#run(['aptly', `-config=${this.#configuration}`, ...args]);
  }

  async #run(argv) {
    await execute(argv, { signal: this.#signal, env: this.#environment, capture: true });
  }
}
