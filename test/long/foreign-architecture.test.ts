import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DebWorkshop } from '../e2e/support/deb-workshop';
import { debPackaging } from '../e2e/support/definitions';
import { HOST_TAG, hostInstance } from '../e2e/support/host';
import { execute } from '../e2e/support/installation';
import { giveEnvironment, giveImage } from '../e2e/support/made-images';

jest.setTimeout(900_000);

/** One that is not the host's: its name, Debian's, and the number of its machine in ELF headers. */
const FOREIGN =
  process.arch === 'arm64'
    ? { name: 'x86_64', debian: 'amd64', machine: 62 }
    : { name: 'aarch64', debian: 'arm64', machine: 183 };
const NATIVE = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
const BINFMT_MISC = '/proc/sys/fs/binfmt_misc';

/** @returns whether the kernel starts an emulator for programs of the foreign architecture */
async function emulated(): Promise<boolean> {
  const shown = await readdir(BINFMT_MISC);
  if (!shown.includes('register')) {
    await execute(['mount', '-t', 'binfmt_misc', 'binfmt_misc', BINFMT_MISC]);
  }
  const name = `qemu-${FOREIGN.name}`;
  if (!(await readdir(BINFMT_MISC)).includes(name)) {
    await execute(['update-binfmts', '--enable', name]);
  }
  return (await readdir(BINFMT_MISC)).includes(name);
}

describe('a package for two architectures', () => {
  let workshop: DebWorkshop;
  let able: boolean;

  beforeAll(async () => {
    able = await emulated();
    workshop = await DebWorkshop.open();
    const architectures = `architectures: [${NATIVE}, ${FOREIGN.name}]\n`;
    await workshop.installation.configure({ default: hostInstance('Default', architectures) });
    await workshop.installation.stop();
    await workshop.installation.start();
  });
  afterAll(() => workshop.close());

  it('is built and published, side by side where the foreign programs run, else refused', async () => {
    const { installation } = workshop;
    const succeed = async (...args: string[]) => {
      const ended = await installation.ctl(...args);
      expect(ended.stdout + ended.stderr).toContain('Task succeeded');
    };
    await succeed('keyring', 'create');
    await giveImage(installation);
    if (!able) {
      const refused = await installation.ctl('images', 'env-create', '-a', FOREIGN.name);
      expect(refused.status).toBe(1);
      expect(refused.stdout + refused.stderr).toContain(
        `does not run programs of ${FOREIGN.name}: `,
      );
      return;
    }
    await giveEnvironment(installation);
    await workshop.define(
      'tiny',
      '1.0',
      (files) => ({ ...files, ...debPackaging('tiny', { architecture: 'any' }) }),
      {
        'main.c': 'int main(void) { return 0; }\n',
        Makefile:
          'all: compiled\ncompiled: main.c\n\t$(CC) -o $@ $<\ninstall: all\n\tinstall -D compiled $(DESTDIR)/usr/bin/tiny\n',
      },
    );
    const lacking = new RegExp(
      `no build environment \\S+ for ${FOREIGN.name}; .*env-create .*-a ${FOREIGN.name}`,
    );
    await workshop.failing('tiny', lacking, 'prepare');
    await succeed('images', 'env-create', '-a', FOREIGN.name);
    const built = await workshop.build('tiny');
    expect(built.stdout + built.stderr).toContain('Task succeeded');
    const [task] =
      await installation.json<{ steps: { name: string; started: number }[] }[]>('history');
    const binaries = task!.steps.filter(({ name }) => name.startsWith('binaries'));
    expect(binaries.map(({ name }) => name)).toEqual([
      `binaries ${NATIVE}`,
      `binaries ${FOREIGN.name}`,
    ]);
    const listed = (await workshop.listing()).filter(({ name }) => name === 'tiny');
    expect(listed.map(({ architecture }) => architecture).sort()).toEqual(
      [NATIVE, FOREIGN.name, 'src'].sort(),
    );
    expect(await machineOf(`tiny_1.0-1.${HOST_TAG}_${FOREIGN.debian}.deb`)).toBe(FOREIGN.machine);
  });

  /** The machine that a package's program is for. */
  async function machineOf(name: string): Promise<number> {
    const { home } = workshop.installation;
    const pool = join(home, 'registry/default/deb/pool');
    const [path] = (await readdir(pool, { recursive: true })).filter((one) => one.endsWith(name));
    const folder = join(home, 'unpacked');
    const { status, stderr } = await execute(['dpkg-deb', '-x', join(pool, path!), folder]);
    expect([status, stderr]).toEqual([0, '']);
    return (await readFile(join(folder, 'usr/bin/tiny'))).readUInt16LE(18);
  }
});
