import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hostArchitecture } from '@fatbuildr/config';
import { noEmulation } from './making.errors';

/** Where the kernel shows its interpreters, one file each (Linux, admin-guide/binfmt-misc). */
const BINFMT_MISC = '/proc/sys/fs/binfmt_misc';

/** How the ELF header of a program begins: class, byte order, machine (ELF specification, `e_ident`, `e_machine`). */
const PROGRAMS: Readonly<
  Record<string, readonly [bits: 32 | 64, order: 'little' | 'big', machine: number]>
> = {
  aarch64: [64, 'little', 183],
  armv7l: [32, 'little', 40],
  i686: [32, 'little', 3],
  loongarch64: [64, 'little', 258],
  ppc64le: [64, 'little', 21],
  riscv64: [64, 'little', 243],
  s390x: [64, 'big', 22],
  x86_64: [64, 'little', 62],
};

/** Programs that a processor runs by itself beside its own. */
const ALSO: Readonly<Record<string, readonly string[]>> = { x86_64: ['i686'] };

/**
 * Makes sure that programs of an architecture run here, in containers too: by themselves, or by an emulator
 * that the kernel starts for them.
 *
 * @param folder where the kernel shows its interpreters
 * @throws FatbuildrError `IMAGES.NO_EMULATION`
 */
export async function requireRunnable(
  architecture: string,
  host = hostArchitecture(),
  folder = BINFMT_MISC,
): Promise<void> {
  if (architecture === host || ALSO[host]?.includes(architecture)) return;
  const names: string[] = await readdir(folder).catch(() => []);
  if (!names.includes('register')) {
    throw noEmulation(architecture, host, `binfmt_misc is not mounted on ${folder}`);
  }
  const header = headerOf(architecture);
  let found: string | undefined;
  for (const name of names.filter((one) => one !== 'register' && one !== 'status')) {
    const entry = await readFile(join(folder, name), 'utf8').catch(() => '');
    if (header === undefined || !isFor(entry, header) || !/^enabled$/m.test(entry)) continue;
    // Without this flag the kernel would look for the emulator in the container, which has none.
    if (/^flags: \w*F/m.test(entry)) return;
    found = name;
  }
  throw noEmulation(
    architecture,
    host,
    found === undefined
      ? 'the kernel knows no emulator for its programs'
      : `its emulator "${found}" is registered without the flag F, so containers do not find it`,
  );
}

function headerOf(architecture: string): Buffer | undefined {
  const known = PROGRAMS[architecture];
  if (known === undefined) return undefined;
  const [bits, order, machine] = known;
  const header = Buffer.alloc(20);
  header.write('\x7fELF', 'latin1');
  header[4] = bits === 64 ? 2 : 1;
  header[5] = order === 'little' ? 1 : 2;
  header[6] = 1;
  // A program (ET_EXEC) of this machine.
  for (const [value, at] of [
    [2, 16],
    [machine, 18],
  ] as const) {
    if (order === 'little') header.writeUInt16LE(value, at);
    else header.writeUInt16BE(value, at);
  }
  return header;
}

/** Whether an interpreter is for files that begin so: what `magic` says, where `mask` has bits. */
function isFor(entry: string, header: Buffer): boolean {
  const offset = Number(/^offset (\d+)$/m.exec(entry)?.[1] ?? NaN);
  const magic = Buffer.from(/^magic ([0-9a-f]+)$/m.exec(entry)?.[1] ?? '', 'hex');
  const mask = Buffer.from(/^mask ([0-9a-f]+)$/m.exec(entry)?.[1] ?? '', 'hex');
  // One that looks at less than the machine is for more than one architecture's programs.
  if (offset !== 0 || magic.length < header.length) return false;
  return header.every((byte, at) => ((byte ^ magic[at]!) & (mask[at] ?? 0xff)) === 0);
}
