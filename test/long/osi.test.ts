import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { writeTree } from '../e2e/support/definitions';
import { HOST_CODENAME } from '../e2e/support/host';
import { execute, Installation, type Ended } from '../e2e/support/installation';
import { ServedFolder } from './support/served-folder';

jest.setTimeout(900_000);

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

/** What mkosi 14 makes of a whole system when it is unpacked in memory; it has the kernel it boots with. */
const MEMORY = system(
  'Format=cpio\nBootable=no',
  `Packages=systemd-sysv\n         linux-image-${process.arch === 'arm64' ? 'cloud-arm64' : 'cloud-amd64'}`,
);

/** systemd starts this one command, and powers off. */
const KERNEL_ARGUMENTS = [
  ...['console=ttyS0', 'quiet', 'rdinit=/usr/sbin/init', 'systemd.journald.forward_to_console=1'],
  ...['systemd.run="/bin/cat /etc/note"', 'systemd.run_success_action=poweroff'],
].join(' ');

/** A kernel is given the system, shows the note and ends; emulated, for not every machine has KVM. */
const BOOT = `
cpio --quiet --extract --make-directories 'boot/vmlinuz-*' < demo-memory_1.0-0.cpio
qemu-system-x86_64 -accel tcg -m 2048 -nographic -nic none -no-reboot -kernel boot/vmlinuz-* \
  -initrd demo-memory_1.0-0.cpio -append '${KERNEL_ARGUMENTS}'
`;

/** Definition → mkosi in its image → registry with signed sums → gpgv and sha256sum. */
describe('an OS image', () => {
  const installation = new Installation();
  const definitions = join(installation.home, 'definitions');
  const root = join(installation.home, 'registry/default/osi');
  const client = join(installation.home, 'client');
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

  it('is made of each definition of an artifact, with its script, manifest and content', async () => {
    await define('demo', {
      'osi/demo.mkosi': system('Format=tar\nCompressOutput=no'),
      'osi/disk.mkosi': system('Format=gpt_ext4', '[Partitions]\nRootSize=600M'),
      'osi/memory.mkosi': MEMORY,
      'osi/mkosi.postinst': NOTE,
    });
    const ended = await build('demo');
    expect(ended.stdout + ended.stderr).toContain('Task succeeded');
    expect((await readdir(join(root, 'images/main'))).sort()).toEqual([
      'SHA256SUMS',
      'SHA256SUMS.gpg',
      'demo-disk_1.0-0.raw',
      'demo-disk_1.0-0.raw.manifest',
      'demo-memory_1.0-0.cpio',
      'demo-memory_1.0-0.cpio.manifest',
      'demo_1.0-0.json',
      'demo_1.0-0.tar',
      'demo_1.0-0.tar.manifest',
      `demo_1.0-0.${host}.json`,
    ]);
    const manifest = await readFile(join(root, 'images/main/demo_1.0-0.tar.manifest'), 'utf8');
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
    const server = await ServedFolder.start(root);
    const url = `${server.url}/images/main`;
    await mkdir(client);
    await writeFile(join(client, 'key.asc'), await well('keyring', 'export'));
    const script = `
gpg --dearmor --output key.gpg key.asc
curl --fail --silent --remote-name-all ${url}/SHA256SUMS ${url}/SHA256SUMS.gpg
gpgv --keyring ./key.gpg SHA256SUMS.gpg SHA256SUMS
cut -c 67- SHA256SUMS | xargs -I '{}' curl --fail --silent --remote-name '${url}/{}'
sha256sum --check --strict SHA256SUMS
tar --extract --to-stdout --file demo_1.0-0.tar ./etc/note ./usr/lib/os-release
`;
    const fetched = await execute(['sh', '-euc', script], { cwd: client, env: { HOME: client } });
    await server.stop();
    expect(fetched.stderr).toContain('Good signature');
    for (const name of ['demo_1.0-0.tar', 'demo-disk_1.0-0.raw', 'demo-memory_1.0-0.cpio']) {
      expect(fetched.stdout).toContain(`${name}: OK`);
    }
    expect(fetched.stdout).toContain('made by');
    expect(fetched.stdout).toContain(`VERSION_CODENAME=${HOST_CODENAME}`);
    expect(fetched.status).toBe(0);
    const partitions = await execute(['sfdisk', '--json', join(client, 'demo-disk_1.0-0.raw')]);
    expect(partitions.stdout).toContain('"label": "gpt"');
  });

  (process.arch === 'x64' ? it : it.skip)('boots', async () => {
    const { stdout, status } = await execute(['sh', '-euc', BOOT], { cwd: client });
    expect(stdout).toContain('made by');
    expect(status).toBe(0);
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

  it('leaves no loop device and no files when the daemon is killed while it is made', async () => {
    const attached = async () => {
      const { stdout } = await execute(['losetup', '--list', '--noheadings', '--output=NAME']);
      return new Set(stdout.split(/\s+/).filter(Boolean));
    };
    const before = await attached();
    await define('killed', { 'osi/killed.mkosi': system('Format=gpt_ext4') });
    await build('killed', '--batch');
    let ours: string[] = [];
    while (ours.length === 0) {
      await delay(20);
      ours = [...(await attached())].filter((name) => !before.has(name));
    }
    await installation.stop('SIGKILL');
    await installation.start();
    const [task] = await installation.json<{ place: string; result: string }[]>('history');
    expect(task!.result).toBe('failed');
    while (existsSync(join(task!.place, 'scratch'))) await delay(20);
    const left = await attached();
    expect(ours.filter((name) => left.has(name))).toEqual([]);
    const mounts = await readFile('/proc/self/mounts', 'utf8');
    expect(mounts).not.toContain(task!.place);
  });
});
