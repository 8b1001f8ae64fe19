import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireRunnable } from './emulation';

let folder: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fatbuildr-binfmt-'));
  for (const name of ['register', 'status']) await writeFile(join(folder, name), '');
});
afterEach(() => rmSync(folder, { recursive: true }));

const MASK = 'ffffffffffffff00fffffffffffffffffeffffff';

/** As the kernel shows an interpreter. */
async function register(
  name: string,
  magic: string,
  { flags = 'PF', state = 'enabled', mask = MASK } = {},
): Promise<void> {
  await writeFile(
    join(folder, name),
    `${state}\ninterpreter /usr/bin/${name}\nflags: ${flags}\noffset 0\nmagic ${magic}\nmask ${mask}\n`,
  );
}

const AARCH64 = '7f454c460201010000000000000000000200b700';
const S390X = '7f454c4602020100000000000000000000020016';
const check = (architecture: string) => requireRunnable(architecture, 'x86_64', folder);

describe('what runs on this host', () => {
  it('is its own architecture, and what its processor runs besides', async () => {
    await expect(check('x86_64')).resolves.toBeUndefined();
    await expect(check('i686')).resolves.toBeUndefined();
  });

  it.each([
    ['aarch64', AARCH64, MASK],
    ['s390x', S390X, 'ffffffffffffff00fffffffffffffffffffeffff'],
  ])(
    'is %s by an emulator that the kernel knows, whatever it is called',
    async (name, magic, mask) => {
      await register('python3.11', '', {});
      await register('emulator', magic, { mask });
      await expect(check(name)).resolves.toBeUndefined();
    },
  );

  it.each<[string, Parameters<typeof register>[2]]>([
    ['the kernel knows no emulator for its programs', { state: 'disabled' }],
    ['its emulator "emulator" is registered without the flag F', { flags: 'P' }],
  ])('is nothing else: %s', async (reason, settings) => {
    await register('emulator', AARCH64, settings);
    await expect(check('aarch64')).rejects.toThrow(reason);
    await expect(check('riscv64')).rejects.toThrow('the kernel knows no emulator');
  });

  it('is nothing else where the kernel shows no emulators, which is said with what to do', async () => {
    rmSync(join(folder, 'register'));
    await expect(check('aarch64')).rejects.toThrow(
      `this host (x86_64) does not run programs of aarch64: binfmt_misc is not mounted on ${folder}; install qemu-user-static and binfmt-support`,
    );
    await expect(check('pdp11')).rejects.toThrow('does not run programs of pdp11');
  });
});
