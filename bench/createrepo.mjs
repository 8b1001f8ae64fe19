// A repository of the classic way, RPMs beside repodata, made once for a home and kept.
import { copyFile, mkdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { execute } from '../scripts/home/commands.mjs';
import { keptFolder } from './kept-folder.mjs';
import { createPeerKey } from './peer-key.mjs';
import { nameOf } from './tiny-packages.mjs';
import { buildTinyRpms } from './tiny-rpms.mjs';

export class Createrepo {
  #folder;
  #signal;

  constructor({ folder, signal }) {
    this.#folder = folder;
    this.#signal = signal;
  }

  static async prepare({ home, size, signal, say }) {
    const folder = join(home, `createrepo-${size}`);
    const createrepo = new Createrepo({ folder, signal });
    await keptFolder(folder, async () => {
      say(`a repository of ${size} RPMs made by createrepo_c, which takes minutes`);
      await createPeerKey(createrepo.#gnupg, (argv) => createrepo.#run(argv));
      const names = Array.from({ length: size }, (_, at) => nameOf(at + 1));
      await mkdir(createrepo.#packages, { recursive: true });
      await buildTinyRpms({ folder: createrepo.#packages, names, version: '1.0', signal });
      await createrepo.update();
      await createrepo.update('--no-database');
    });
    return createrepo;
  }

  /** A package beside the others; indexed by the next update. */
  async add(file) {
    await copyFile(file, join(this.#packages, basename(file)));
  }

  async remove(file) {
    await rm(join(this.#packages, basename(file)));
  }

  /** @param {string[]} options of createrepo_c */
  async update(...options) {
    await this.#run(['createrepo_c', '--quiet', '--update', ...options, this.#packages]);
  }

  /** As its manual says, with gpg. */
  async sign(file) {
    const definitions = ['_gpg_name bench', `_gpg_path ${this.#gnupg}`, '__gpg /usr/bin/gpg'];
    const options = definitions.flatMap((definition) => ['--define', definition]);
    await this.#run(['rpmsign', '--addsign', ...options, file]);
  }

  /** gpg leaves an agent running for its folder. */
  async close() {
    await this.#run(['gpgconf', '--kill', 'all']);
  }

  get #packages() {
    return join(this.#folder, 'packages');
  }

  get #gnupg() {
    return join(this.#folder, 'gnupg');
  }

  async #run(argv) {
    const env = { ...process.env, GNUPGHOME: this.#gnupg, HOME: this.#folder, LC_ALL: 'C.UTF-8' };
    await execute(argv, { signal: this.#signal, env, capture: true });
  }
}
