import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChangelogEntry, TaskDescription } from '@fatbuildr/protocol';
import { sha256, upstreamArchive, Upstream, writeTree } from '../../e2e/support/definitions';
import { placeProverbs } from '../../e2e/support/example';
import { execute, Installation, type Ended } from '../../e2e/support/installation';
import { WebProgram } from '../../e2e/support/web-program';
import { DEFINITIONS, placeSources } from './real-sources';
import { HOST } from './format-workshop';

const PROGRAM = '#include <stdio.h>\nint main(void) { puts("hello"); return 0; }\n';
const MAKEFILE =
  'all:\n\tgcc -g -O2 -o hello main.c\ninstall:\n\tinstall -D hello $(DESTDIR)/usr/bin/hello\n';

const MESSAGE = 'A story:\n\nfor Göteborg\n- and 50% of the world';

const spec = (artifact: string, build: string) => `Name: ${artifact}
Version: {{ version.main | rpm_version }}
Release: {{ release }}
Summary: Says hello
License: MIT
{{ sources }}
{{ patches }}
BuildRequires: gcc, make
%description
A package for tests.
%prep
{{ prep }}
%build
${build}
%install
%make_install
%files
/usr/bin/hello
%changelog
{{ changelog }}
`;

/** Where the packages come from that the story is told with. */
export interface RpmStage {
  /** Has format image and environment already. */
  instance: string;
  distribution: string;
  environment: string;
  /** Socket of the engine that has them. */
  engine: string;
  /** Address of the distribution that the environment was made of. */
  mirror: string;
  /** Runs a shell command as root in a container of the environment, on the host's network. */
  inEnvironment: (
    script: string,
    configuration: string,
  ) => Promise<{ status: number; printed: string }>;
}

/** Name and digest of every package that a build left. */
async function digests(place: string): Promise<string[][]> {
  const folder = join(place, 'results');
  const names = (await readdir(folder)).filter((name) => name.endsWith('.rpm'));
  return Promise.all(
    names.sort().map(async (name) => {
      // That of the main header, which holds that of the payload; the signature is another each time.
      const query = ['--query', '--package', '--nosignature', '--queryformat', '%{SHA256HEADER}'];
      const { stdout } = await execute(['rpm', ...query, join(folder, name)]);
      expect(stdout).toMatch(/^[0-9a-f]{64}$/);
      return [name, stdout];
    }),
  );
}

/** From a definition to a package that dnf installs over HTTP, by the programs that people use. */
export function tellRpmStory(stage: () => RpmStage): void {
  let installation: Installation;
  let upstream: Upstream;

  const definitions = () => join(installation.home, 'definitions');
  const buildCommand = (artifact: string, folder = definitions()) => [
    ...['build', '-a', artifact, '-b', folder, '-d', stage().distribution],
    ...['-n', 'Zoë Ångström', '-e', 'zoe@acme.example', '-m', MESSAGE],
  ];

  async function define(artifact: string, build = '%make_build'): Promise<void> {
    const archive = await upstreamArchive(`${artifact}-1.0`, {
      'main.c': PROGRAM,
      Makefile: MAKEFILE,
    });
    upstream.serve(`/${artifact}-1.0.tar.gz`, archive);
    await writeTree(join(definitions(), artifact), {
      'artifact.yml': `source: ${upstream.url}/${artifact}-{{ version }}.tar.gz
version: "1.0"
checksums:
  "1.0":
    sha256: ${sha256(archive)}
rpm:
  release: 1
`,
      [`rpm/${artifact}.spec`]: spec(artifact, build),
    });
  }

  const here = () => ['--uri', `dbus://session/${stage().instance}`];
  const ctl = (...args: string[]) => installation.ctl(...here(), ...args);
  const sit = (...args: string[]) => installation.sit(...here(), ...args);
  const json = <T>(...args: string[]) => installation.json<T>(...here(), ...args);
  const succeeded = (ended: Ended) =>
    expect(ended.stdout + ended.stderr).toContain('Task succeeded');

  /** Has dnf install packages from the web server, trusting its key alone, and runs what came. */
  async function installed(names: readonly string[], command: string) {
    const { instance, distribution, inEnvironment, mirror } = stage();
    const web = await WebProgram.start(installation.home);
    try {
      const client = await mkdtemp(join(installation.home, 'client-'));
      const registry = `${web.url}/${instance}/rpm`;
      await writeFile(
        join(client, 'acme.repo'),
        `[acme]
name=acme
baseurl=${registry}/${distribution}/main/$basearch
gpgcheck=1
repo_gpgcheck=1
gpgkey=${registry}/keyring.asc
[base]
name=base
baseurl=${mirror}
gpgcheck=0
`,
      );
      return await inEnvironment(
        `dnf --assumeyes --disableplugin=local --setopt=reposdir=/media install ${names.join(' ')} && ${command}`,
        client,
      );
    } finally {
      await web.stop();
    }
  }

  beforeAll(async () => {
    const { instance, distribution, engine, environment, mirror } = stage();
    upstream = await Upstream.start();
    installation = new Installation();
    await installation.configure(
      {
        [instance]: `name: RPM
gpg: { name: RPM Packages, email: packages@acme.example }
formats:
  rpm:
    - { name: ${distribution}, env: ${environment}, tag: ${distribution}, mirror: "${mirror}" }
`,
      },
      `[keyring]\ntype = ed25519\n[tasks]\npurge = last:1\n[containers]\nengine = ${engine}\n`,
    );
    await installation.start();
    succeeded(await ctl('keyring', 'create'));
  }, 60_000);

  afterAll(async () => {
    await installation.remove();
    await upstream.stop();
  });

  it('builds and publishes by the command line, and dnf installs it from the web server', async () => {
    const { distribution } = stage();
    await define('hello');
    succeeded(await ctl(...buildCommand('hello')));
    const listed = await json<object[]>('registry', 'list', '-d', distribution);
    expect(listed).toEqual([
      expect.objectContaining({ name: 'hello', architecture: 'src' }),
      expect.objectContaining({ name: 'hello', architecture: HOST }),
    ]);
    const changelog = await json<ChangelogEntry[]>(
      ...['registry', 'changelog', '-d', distribution, '-a', 'hello'],
    );
    const [{ id } = { id: '' }] = await json<TaskDescription[]>('history');
    expect(changelog).toMatchObject([
      {
        ...{ version: `1.0-1.${distribution}`, author: 'Zoë Ångström <zoe@acme.example>' },
        changes: [MESSAGE, `Built by task ${id} of instance RPM`],
      },
    ]);
    const { status, printed } = await installed(['hello'], 'hello');
    expect(printed).toMatch(/\nhello\n$/);
    expect(status).toBe(0);
  }, 120_000);

  it('builds what real projects released, and it works', async () => {
    const names = ['jo', 'ack'];
    const placed = await placeSources(installation.home, names);
    expect(placed).toMatchObject({ status: 0 });
    for (const name of names) succeeded(await ctl(...buildCommand(name, DEFINITIONS)));
    const commands = 'jo name=jo > jo.json && ack --filter jo < jo.json';
    const { status, printed } = await installed(names, commands);
    expect(printed).toMatch(/\{"name":"jo"\}\n$/);
    expect(status).toBe(0);
  }, 240_000);

  it('a retry makes the same bytes', async () => {
    const { distribution } = stage();
    await define('again', '%make_build\ndate > built\ntouch built');
    succeeded(await ctl(...buildCommand('again')));
    const [first] = await json<TaskDescription[]>('history');
    succeeded(await ctl('registry', 'delete', '-d', distribution, '-a', 'again'));
    succeeded(await ctl('retry', first!.id));
    const [again] = await json<TaskDescription[]>('history');
    const packages = await digests(first!.place);
    expect(packages).toHaveLength(2);
    expect(await digests(again!.place)).toEqual(packages);
  }, 180_000);

  it('keeps the container of a failed build for a shell', async () => {
    await define('frozen', 'echo half > made\nexit 3');
    const ended = await ctl(...buildCommand('frozen'), '--keep-failed', '1h');
    const [, id = ''] = /UTC: fatbuildrctl shell (\S+)/.exec(ended.stdout + ended.stderr) ?? [];
    const script = 'id -un; cat $(find . -name made)';
    expect(await ctl('shell', id, '--', 'sh', '-c', script)).toMatchObject({
      ...{ status: 0, stdout: 'fatbuildr-build\nhalf\n' },
    });
    // Else its container would stay in the engine that others use as well.
    expect(await ctl('history', 'purge')).toMatchObject({ status: 0 });
  }, 120_000);

  it('builds the example whose prescript vendors, and makes a patch of what one changed', async () => {
    await placeProverbs(definitions(), upstream);
    succeeded(await ctl(...buildCommand('proverbs')));
    const [last] = await json<{ place: string }[]>('history');
    const contents = await readFile(join(last!.place, 'results/contents.txt'), 'utf8');
    expect(contents).toMatch(/vendor-\d{8}-[0-9a-f]{8}\.tar\.xz/);
    expect(contents).toMatch(/\/usr\/share\/proverbs\/says\.sh/);
    await define('changed', 'cmp made expected && %make_build');
    const bytes = `printf 'a\\0b\\r\\nc'`;
    await writeTree(join(definitions(), 'changed'), {
      'pre.sh': `#!/bin/bash
#PRESCRIPT_DEPS@distributions:${stage().distribution} unzip
set -e
command -v unzip
echo '#include <stdio.h>' > main.c
echo 'int main(void) { puts("changed"); return 0; }' >> main.c
${bytes} > made; cp made expected
`,
    });
    succeeded(await ctl(...buildCommand('changed')));
  }, 120_000);

  it('opens a shell where an interactive build failed', async () => {
    await define('stuck', 'echo half > made\nexit 3');
    const sitting = sit(...buildCommand('stuck'), '-i');
    await sitting.prints('A shell in the container of the build');
    await sitting.prints('$ ');
    sitting.type('echo $(id -un) $(cat $(find . -name made)) $((40 + 2))\r');
    await sitting.prints('fatbuildr-build half 42');
    sitting.type('exit\r');
    expect(await sitting.ended()).toEqual({ status: 1, restored: true });
    expect(sitting.text).toMatch(/Task failed: step binaries/);
  }, 120_000);

  it('runs a command in the environment, and passes on how it ended', async () => {
    const ended = await ctl(
      ...['images', 'env-shell', '-d', stage().distribution, '--'],
      ...['sh', '-c', 'rpm -q --qf "%{NAME}\\n" rpm; exit 7'],
    );
    expect(ended).toMatchObject({ status: 7, stdout: 'rpm\n' });
  }, 60_000);

  it('ends a build that is cancelled, and leaves no container', async () => {
    await define('endless', 'echo asleep\nsleep 600');
    const { id } = await json<{ id: string }>(...buildCommand('endless'), '--batch');
    const watching = sit('watch', id);
    await watching.prints('asleep\n');
    expect(await ctl('cancel', id)).toMatchObject({ status: 0 });
    await watching.prints('Task failed: cancelled by');
    await watching.ended();
  }, 120_000);
}
