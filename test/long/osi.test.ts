import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { writeTree } from '../e2e/support/definitions';
import { HOST_CODENAME } from '../e2e/support/host';
import { execute, Installation, type Ended } from '../e2e/support/installation';

jest.setTimeout(480_000);

const INSTANCE = `name: Default
gpg:
  name: Default Images
  email: images@acme.example
formats:
  osi:
    - { name: images }
derivatives:
  extra: {}
`;

const ARTIFACT = 'version: "1.0"\nosi: {}\n';

/** A system of the host's release: what its mirror is sure to carry. */
const system = (output: string, content = '') => `[Distribution]
Distribution=debian
Release=${HOST_CODENAME}

[Output]
${output}

[Content]
${content}
`;

const NOTE = `#!/bin/sh
set -eu
echo "made by $0" > /etc/note
`;

/** Definition → mkosi in its image → registry with signed sums → gpgv and sha256sum. */
describe('an OS image', () => {
  const installation = new Installation();
  const definitions = join(installation.home, 'definitions');
  const root = join(installation.home, 'registry/default/osi');
  const host = process.arch === 'arm64' ? 'aarch64' : 'x86_64';

  beforeAll(async () => {
    await installation.configure({ default: INSTANCE });
    await installation.start();
    await well('keyring', 'create');
  });
  afterAll(() => installation.remove());

  async function well(...args: string[]): Promise<string> {
    const { status, stdout, stderr } = await installation.ctl(...args);
    if (status !== 0) throw new Error(stdout + stderr);
    return stdout;
  }

  async function define(name: string, files: Record<string, string>): Promise<void> {
    await rm(join(definitions, name), { recursive: true, force: true });
    await writeTree(join(definitions, name), { 'artifact.yml': ARTIFACT, ...files });
  }

  const build = (artifact: string, ...more: string[]) =>
    installation.ctl(
      ...['build', '-a', artifact, '-b', definitions, '-d', 'images', '-m', 'Build'],
      ...['-n', 'Tester', '-e', 'tester@acme.example'],
      ...more,
    );

  const lastLine = ({ stdout, stderr }: Ended) => (stdout + stderr).trim().split('\n').at(-1);

  it('names the missing image of the format and how to make it', async () => {
    await define('demo', { 'osi/demo.mkosi': system('Format=tar') });
    const ended = await build('demo');
    expect(ended.status).toBe(1);
    expect(lastLine(ended)).toMatch(/fatbuildrctl images create -f osi/);
    await well('images', 'create', '-f', 'osi');
  });

  describe('of a build that goes wrong names the reason, publishes nothing:', () => {
    it.each<[string, Record<string, string>, RegExp]>([
      [
        'a missing definition',
        { 'osi/other.mkosi': system('Format=tar') },
        /the definition of bad has no osi\/bad\.mkosi, .*; osi\/ holds: other\.mkosi/,
      ],
      [
        'no definition at all',
        {},
        /the definition of bad has no osi\/bad\.mkosi, .*no file in osi/,
      ],
      [
        'an image larger than the free disk',
        { 'osi/bad.mkosi': system('Format=gpt_ext4', '[Partitions]\nRootSize=9000000G') },
        /the image bad is larger than the free disk of \S+ \(\d+ MB\); make room there, or make/,
      ],
      [
        'a setting that mkosi does not know',
        { 'osi/bad.mkosi': system('Format=tar\nColour=blue') },
        /mkosi made no image of osi\/bad\.mkosi of bad: .*colour=blue/,
      ],
    ])('%s', async (_what, files, reason) => {
      await define('bad', files);
      const ended = await build('bad');
      expect(lastLine(ended)).toMatch(reason);
      expect(ended.status).toBe(1);
      expect(await installation.json('registry', 'list', '-d', 'images', '-a', 'bad')).toEqual([]);
      const { stdout } = await execute(['losetup', '--list', '--noheadings']);
      expect(stdout).not.toContain(installation.home);
    });
  });

  it('is made of a definition, with its script, manifest and content', async () => {
    await define('demo', {
      'osi/demo.mkosi': system('Format=tar\nCompressOutput=zstd'),
      'osi/mkosi.postinst': NOTE,
    });
    const ended = await build('demo');
    expect(ended.stdout + ended.stderr).toContain('Task succeeded');
    expect((await readdir(join(root, 'images/main'))).sort()).toEqual([
      'SHA256SUMS',
      'SHA256SUMS.gpg',
      'demo_1.0-0.json',
      'demo_1.0-0.tar.zstd',
      'demo_1.0-0.tar.zstd.manifest',
      `demo_1.0-0.${host}.json`,
    ]);
    const manifest = await readFile(join(root, 'images/main/demo_1.0-0.tar.zstd.manifest'), 'utf8');
    expect(JSON.parse(manifest)).toMatchObject({
      config: { name: 'demo', distribution: 'debian' },
    });
    expect(await installation.json('registry', 'list', '-d', 'images', '-a', 'demo')).toHaveLength(
      2,
    );
    const content = await installation.json<{ path: string }[]>(
      ...['registry', 'content', '-d', 'images', '-a', 'demo'],
    );
    const paths = content.map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(['/etc/note', '/etc/os-release', '/usr/bin/apt']));
  });

  it('is fetched over HTTP and verified by who knows the exported key', async () => {
    const server = createServer((request, response) => {
      createReadStream(join(root, request.url!))
        .on('error', () => response.writeHead(404).end())
        .pipe(response);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/images/main`;
    const client = join(installation.home, 'client');
    await mkdir(client);
    await writeFile(join(client, 'key.asc'), await well('keyring', 'export'));
    const script = `
gpg --dearmor --output key.gpg key.asc
curl --fail --silent --remote-name-all ${url}/SHA256SUMS ${url}/SHA256SUMS.gpg
gpgv --keyring ./key.gpg SHA256SUMS.gpg SHA256SUMS
cut -c 67- SHA256SUMS | xargs -I '{}' curl --fail --silent --remote-name '${url}/{}'
sha256sum --check --strict SHA256SUMS
tar --extract --to-stdout --zstd --file demo_1.0-0.tar.zstd ./etc/note ./usr/lib/os-release
`;
    const fetched = await execute(['sh', '-euc', script], { cwd: client, env: { HOME: client } });
    server.close();
    expect(fetched.stderr).toContain('Good signature');
    expect(fetched.stdout).toContain('demo_1.0-0.tar.zstd: OK');
    expect(fetched.stdout).toContain('made by');
    expect(fetched.stdout).toContain(`VERSION_CODENAME=${HOST_CODENAME}`);
    expect(fetched.status).toBe(0);
  });

  it('goes with its files when it is deleted', async () => {
    await well('registry', 'delete', '-d', 'images', '-a', 'demo', '-y');
    expect(await installation.json('registry', 'list', '-d', 'images', '-a', 'demo')).toEqual([]);
    expect((await readdir(join(root, 'images/main'))).sort()).toEqual([
      'SHA256SUMS',
      'SHA256SUMS.gpg',
    ]);
    expect(await readFile(join(root, 'images/main/SHA256SUMS'), 'utf8')).toBe('');
  });
});
