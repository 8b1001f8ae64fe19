import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { debPackaging, sha256, upstreamArchive, Upstream, writeTree } from './definitions';
import { HOST_CODENAME, hostInstance } from './host';
import { Installation, type Ended } from './installation';

export interface Listed {
  name: string;
  architecture: string;
  version: string;
}

/** Two of them one above the other, and two that are not for deb. */
const DERIVATIVES = `derivatives:
  extra: {}
  top: { extends: extra }
  other: { formats: [rpm] }
  above-other: { extends: other }
`;

type Files = Record<string, string>;

/** An installation with a folder of definitions, and the upstream server their sources come from. */
export class DebWorkshop {
  private constructor(
    readonly installation: Installation,
    readonly upstream: Upstream,
  ) {}

  /** @param site added to the site's configuration */
  static async open(site = ''): Promise<DebWorkshop> {
    const installation = new Installation();
    await installation.configure(
      { default: hostInstance('Default', DERIVATIVES) },
      `[sources]\nmax_size = 1MB\ntimeout = 20s\n${site}`,
    );
    await installation.start();
    return new DebWorkshop(installation, await Upstream.start());
  }

  async close(): Promise<void> {
    await this.installation.remove();
    await this.upstream.stop();
  }

  get definitions(): string {
    return join(this.installation.home, 'definitions');
  }

  build(artifact: string, ...more: string[]): Promise<Ended> {
    return this.installation.ctl(
      ...['build', '-a', artifact, '-b', this.definitions, '-d', HOST_CODENAME],
      ...['-n', 'Tester', '-e', 'tester@acme.example', '-m', `Build ${artifact}`],
      ...more,
    );
  }

  listing(...more: string[]): Promise<Listed[]> {
    return this.installation.json('registry', 'list', '-d', HOST_CODENAME, ...more);
  }

  /** Builds what cannot be built: the message says why, and nothing is published. */
  async failing(artifact: string, message: RegExp, step?: string): Promise<void> {
    const before = await this.listing();
    const ended = await this.build(artifact);
    expect(ended.status).toBe(1);
    const told = ended.stdout + ended.stderr;
    expect(told).toMatch(message);
    if (step !== undefined) expect(told).toMatch(new RegExp(`Task failed: step ${step}`));
    expect(told).not.toMatch(/^\s+at .*\.[jt]s:/m);
    expect(await this.listing()).toEqual(before);
  }

  /** Serves an upstream release and writes its definition; `change` edits the definition's files. */
  async define(
    name: string,
    version: string,
    change: (files: Files) => Files = (files) => files,
    source: Files = {},
  ): Promise<void> {
    const archive = await upstreamArchive(`${name}-${version}`, {
      [name]: `#!/bin/sh\necho "${name} ${version}"\n`,
      Makefile: `all:\ninstall:\n\tinstall -D ${name} $(DESTDIR)/usr/bin/${name}\n`,
      ...source,
    });
    this.upstream.serve(`/${name}-${version}.tar.gz`, archive);
    const files = change({
      'artifact.yml': `source: ${this.upstream.url}/${name}-{{ version }}.tar.gz
version: "${version}"
checksums:
  "${version}":
    sha256: ${sha256(archive)}
deb:
  release: 1
`,
      ...debPackaging(name),
    });
    const folder = join(this.definitions, name);
    await rm(folder, { recursive: true, force: true });
    await writeTree(folder, files);
  }
}
