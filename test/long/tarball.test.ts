import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { sha256, upstreamArchive, Upstream, writeTree } from '../e2e/support/definitions';
import { execute, Installation, type Ended } from '../e2e/support/installation';

jest.setTimeout(600_000);

const INSTANCE = `name: Default
gpg:
  name: Default Releases
  email: releases@acme.example
formats:
  tarball:
    - { name: stable, tag: r1 }
    - { name: again, tag: r1 }
derivatives:
  extra: {}
`;

const PROGRAM = `#include <stdio.h>
int main(void) { puts("hello " __DATE__); return 0; }
`;
const PATCH = `--- a/hello.c
+++ b/hello.c
@@ -1,2 +1,2 @@
 #include <stdio.h>
-int main(void) { puts("hello " __DATE__); return 0; }
+int main(void) { puts("patched " __DATE__); return 0; }
`;
const BUILD = `#!/bin/sh
set -eu
cc -O2 -o hello hello.c
install -D hello "$DESTDIR/bin/hello"
printf '%s\\n' '{{ version.full }}' > "$DESTDIR/version"
ln -s hello "$DESTDIR/bin/hi"
# Neither the network nor another account can be reached.
if [ "$(id -u)" = 0 ] || [ -w /usr ]; then exit 1; fi
test "$(ls /sys/class/net)" = lo
`;

/** Definition → archives → static registry → gpgv and sha256sum, for the format of the tutorial. */
describe('a release archive', () => {
  const installation = new Installation();
  const definitions = join(installation.home, 'definitions');
  const root = join(installation.home, 'registry/default/tarball');
  let upstream: Upstream;

  beforeAll(async () => {
    await installation.configure({ default: INSTANCE }, '[sources]\nmax_unpacked = 10MB\n');
    await installation.start();
    upstream = await Upstream.start();
    await define('hello', { 'tarball/build.j2': BUILD, 'patches/1.0/0001-text.patch': PATCH });
    await well('keyring', 'create');
  });
  afterAll(async () => {
    await installation.remove();
    await upstream.stop();
  });

  async function well(...args: string[]): Promise<string> {
    const { status, stdout, stderr } = await installation.ctl(...args);
    if (status !== 0) throw new Error(stdout + stderr);
    return stdout;
  }

  async function define(name: string, files: Record<string, string>): Promise<void> {
    const archive = await upstreamArchive(`${name}-1.0`, { 'hello.c': PROGRAM });
    upstream.serve(`/${name}-1.0.tar.gz`, archive);
    await rm(join(definitions, name), { recursive: true, force: true });
    await writeTree(join(definitions, name), {
      'artifact.yml': `source: ${upstream.url}/${name}-{{ version }}.tar.gz
version: "1.0"
derivatives: {main: "1.0", extra: "1.0"}
checksums:
  "1.0":
    sha256: ${sha256(archive)}
tarball:
  release: 2
`.replace('version: "1.0"\n', ''),
      ...files,
    });
  }

  const build = (artifact: string, distribution = 'stable', ...more: string[]) =>
    installation.ctl(
      ...['build', '-a', artifact, '-b', definitions, '-d', distribution, '-m', 'Build'],
      ...['-n', 'Tester', '-e', 'tester@acme.example'],
      ...more,
    );

  const lastLine = ({ stdout, stderr }: Ended) => (stdout + stderr).trim().split('\n').at(-1);

  it('names the missing image and how to make it', async () => {
    const ended = await build('hello');
    expect(ended.status).toBe(1);
    expect(lastLine(ended)).toMatch(/fatbuildrctl images create -f tarball/);
    await well('images', 'create', '-f', 'tarball');
  });

  it('has no environments, and says so', async () => {
    const ended = await installation.ctl('images', 'env-create', '-d', 'stable');
    expect(ended.status).not.toBe(0);
    expect(lastLine(ended)).toMatch(/stable has no build environment/);
  });

  it('is built twice with the same bytes, from source to binary', async () => {
    for (const distribution of ['stable', 'again']) {
      const ended = await build('hello', distribution);
      expect(lastLine(ended)).toContain('Task succeeded');
    }
    for (const name of ['hello-1.0-2.r1.tar.xz', 'hello-1.0-2.r1-x86_64.tar.xz'].map((file) =>
      file.replace('x86_64', process.arch === 'arm64' ? 'aarch64' : 'x86_64'),
    )) {
      const [one, two] = await Promise.all(
        ['stable', 'again'].map((place) => readFile(join(root, place, 'main/hello', name))),
      );
      expect(sha256(one!)).toBe(sha256(two!));
    }
  });

  it('is fetched over HTTP, verified and run by who knows the exported key', async () => {
    const server = createServer((request, response) => {
      createReadStream(join(root, request.url!))
        .on('error', () => response.writeHead(404).end())
        .pipe(response);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/stable`;
    const client = join(installation.home, 'client');
    await mkdir(client);
    await writeFile(join(client, 'key.asc'), await well('keyring', 'export'));
    const script = `
gpg --dearmor --output key.gpg key.asc
curl --fail --silent --remote-name ${url}/SHA256SUMS.asc
gpgv --keyring ./key.gpg --output SHA256SUMS SHA256SUMS.asc
cut -s -d ' ' -f 3 SHA256SUMS | grep / | xargs -I '{}' curl --fail --silent --create-dirs --output '{}' '${url}/{}'
sha256sum --check --strict SHA256SUMS
for archive in main/hello/*.tar.xz; do tar --extract --file "$archive"; done
./hello-1.0-2.r1-*/bin/hi
cat hello-1.0-2.r1-*/version
grep -q patched hello-1.0-2.r1/hello.c
`;
    const fetched = await execute(['sh', '-euc', script], { cwd: client, env: { HOME: client } });
    server.close();
    expect(fetched.stderr).toContain('Good signature');
    expect(fetched.stdout).toContain('hello-1.0-2.r1.build: OK');
    expect(fetched.stdout).toContain('patched Jan  1 2000\n1.0-2.r1\n');
    expect(fetched.status).toBe(0);
  });

  it('gets the next build number and a longer changelog when it is built again', async () => {
    expect(lastLine(await build('hello', 'stable', '-m', 'Again'))).toContain('Task succeeded');
    const changelog = await installation.json<{ version: string }[]>(
      ...['registry', 'changelog', '-d', 'stable', '-a', 'hello'],
    );
    expect(changelog.map(({ version }) => version)).toEqual(['1.0-2.r1+build1', '1.0-2.r1']);
  });

  it('is only the source without a build script, also in a derivative', async () => {
    await define('plain', {});
    const ended = await build('plain', 'stable', '--derivative', 'extra');
    expect(ended.stdout + ended.stderr).toContain('Task succeeded');
    expect(ended.stdout).toContain('the source is released');
    expect(await readdir(join(root, 'stable/extra/plain'))).toEqual([
      'plain-1.0-2.r1.json',
      'plain-1.0-2.r1.tar.xz',
    ]);
  });

  describe('of a build that goes wrong names the reason, publishes nothing:', () => {
    const script = (body: string) => ({ 'tarball/build': `#!/bin/sh\nset -eu\n${body}\n` });
    it.each<[string, Record<string, string>, RegExp]>([
      ['a script that fails', script('exit 7'), /"\/build\/build" exited with status 7/],
      ['nothing installed', script(':'), /installed nothing below \$DESTDIR/],
      [
        'a link that leads out',
        script('ln -s /etc/passwd "$DESTDIR/passwd"'),
        /file "passwd": the symlink to "\/etc\/passwd" leaves the folder/,
      ],
      [
        'a link instead of the folder',
        script('rmdir "$DESTDIR"; ln -s /etc "$DESTDIR"'),
        /the build left \$DESTDIR: it is no folder any more/,
      ],
      [
        'a device',
        script('mkfifo "$DESTDIR/pipe"'),
        /file "pipe": devices, sockets and pipes are refused/,
      ],
      [
        'more than is taken',
        script('head -c 11M /dev/zero > "$DESTDIR/zero"'),
        /file "zero": with it the folder holds more than \d+ bytes/,
      ],
      [
        'a script that is not executable',
        { 'tarball/build': 'true\n' },
        /tarball\/build in the definition of bad: it is not executable, run chmod \+x on it/,
      ],
      [
        'a further packaging file',
        { ...script(':'), 'tarball/rules': '' },
        /tarball\/rules in the definition of bad: the folder holds nothing but the script "build"/,
      ],
      [
        'a patch that does not fit',
        { 'patches/1.0/0001-x.patch': PATCH.replaceAll('hello.c', 'absent.c') },
        /patch 0001-x\.patch does not apply to bad: the source has no file that its line 3 is for/,
      ],
      [
        'a patch that leads out',
        { 'patches/1.0/0001-x.patch': PATCH.replaceAll('hello.c', '../../etc/passwd') },
        /patch 0001-x\.patch does not apply to bad: the source has no file that its line 3 is for/,
      ],
    ])('%s', async (_what, files, reason) => {
      await define('bad', files);
      const ended = await build('bad');
      expect(lastLine(ended)).toMatch(reason);
      expect(ended.status).toBe(1);
      expect(await installation.json('registry', 'list', '-d', 'stable', '-a', 'bad')).toEqual([]);
    });
  });
});
