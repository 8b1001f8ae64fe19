// Builds of artifacts that have next to nothing to build, and say as much as they are told to.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { withDaemon } from './bench-daemon.mjs';

const VERSION = '1.0';

export class SmallBuilds {
  #ctl;
  #codename;
  #folder;

  constructor({ ctl, codename, folder }) {
    this.#ctl = ctl;
    this.#codename = codename;
    this.#folder = folder;
  }

  /**
   * Hands builds of artifacts to `work` while a daemon runs, each built once before, which caches what it
   * depends on.
   *
   * @param {Record<string, number>} artifacts names, and how many lines their builds print
   * @param {(builds: SmallBuilds) => Promise<void>} work
   */
  static async prepared(bench, artifacts, work) {
    const folder = join(bench.home, 'small-builds');
    const builds = new SmallBuilds({ ...bench, folder });
    await rm(folder, { recursive: true, force: true });
    for (const [name, lines] of Object.entries(artifacts)) await writeArtifact(folder, name, lines);
    await withDaemon(bench, async () => {
      for (const name of Object.keys(artifacts)) await builds.build(name);
      await work(builds);
    });
    await rm(folder, { recursive: true });
  }

  /** Builds and publishes an artifact. @returns what it printed */
  build(name) {
    return this.#ctl.text(...this.#arguments(name));
  }

  /** @returns id of the task that builds the artifact */
  async submit(name) {
    const { id } = await this.#ctl.json(...this.#arguments(name), '--batch');
    return id;
  }

  #arguments(name) {
    return [
      ...['build', '-a', name, '-b', this.#folder, '-d', this.#codename],
      ...['--sources', `${VERSION}@${join(this.#folder, name, 'upstream')}`],
      // The home may be within a work tree of Git.
      '--include-git-untracked',
      ...['-n', 'Bench', '-e', 'bench@acme.example', '-m', 'Measured'],
    ];
  }
}

async function writeArtifact(folder, name, lines) {
  const files = {
    'upstream/README': `${name}\n`,
    'artifact.yml': `source: https://acme.example/${name}-{{ version }}.tar.gz
version: '${VERSION}'
deb:
  release: 1
`,
    'deb/control': `Source: ${name}
Section: utils
Priority: optional
Maintainer: Bench <bench@acme.example>
Build-Depends: debhelper-compat (= 13)
Standards-Version: 4.6.2
Rules-Requires-Root: no

Package: ${name}
Architecture: any
Depends: \${misc:Depends}
Description: nothing but its build
 It is here to be built.
`,
    'deb/copyright': 'Files: *\nCopyright: nobody\nLicense: public-domain\n As you like.\n',
    'deb/rules': `#!/usr/bin/make -f
%:
	dh $@

override_dh_auto_build:
	seq -f 'line %.0f of what this build prints, as long as the line of a compiler is' ${lines}
`,
  };
  for (const [path, content] of Object.entries(files)) {
    const target = join(folder, name, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, content, { mode: content.startsWith('#!') ? 0o755 : 0o644 });
  }
}
