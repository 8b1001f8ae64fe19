// The registry of the classic way, filled once for a home and kept.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execute } from '../scripts/home/commands.mjs';
import { keptFolder } from './kept-folder.mjs';
import { createPeerKey } from './peer-key.mjs';
import { nameOf, writeTinyPackage } from './tiny-packages.mjs';

/** Packages handed to one run of reprepro. */
const PORTION = 2000;

export class Reprepro {
  #registry;
  #signal;
  #environment;

  constructor({ registry, signal, environment }) {
    this.#registry = registry;
    this.#signal = signal;
    this.#environment = environment;
  }

  static async prepare({ home, size, signal, say }) {
    const folder = join(home, `reprepro-${size}`);
    const registry = join(folder, 'registry');
    const gnupg = join(folder, 'gnupg');
    const environment = { ...process.env, GNUPGHOME: gnupg, HOME: folder, LC_ALL: 'C.UTF-8' };
    const reprepro = new Reprepro({ registry, signal, environment });
    await keptFolder(folder, async () => {
      say(`a registry of ${size} packages made by reprepro, which takes minutes`);
      await createPeerKey(gnupg, (argv) => reprepro.#run(argv));
      await mkdir(join(registry, 'conf'), { recursive: true });
      await writeFile(
        join(registry, 'conf/distributions'),
        `Codename: bench
Architectures: amd64 source
Components: main
DebIndices: Packages Release . .gz .xz
DscIndices: Sources Release . .gz .xz
SignWith: yes
`,
      );
      await reprepro.#fill(join(folder, 'packages'), size);
    });
    return reprepro;
  }

  async publish(files) {
    const options = ['--section', 'misc', '--priority', 'optional'];
    await this.#run([
      ...['reprepro', '-b', this.#registry, ...options, 'includedeb', 'bench'],
      ...files,
    ]);
  }

  /** gpg leaves an agent running for its folder. */
  async close() {
    await this.#run(['gpgconf', '--kill', 'all']);
  }

  async #fill(packages, size) {
    for (let first = 1; first <= size; first += PORTION) {
      await mkdir(packages, { recursive: true });
      const files = [];
      for (let id = first; id < first + PORTION && id <= size; id++) {
        files.push(await writeTinyPackage(packages, nameOf(id), `1.${id}-1`));
      }
      await this.publish(files);
      await rm(packages, { recursive: true });
    }
  }

  async #run(argv) {
    await execute(argv, { signal: this.#signal, env: this.#environment, capture: true });
  }
}
