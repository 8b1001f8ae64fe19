import { readdir, readFile } from 'node:fs/promises';

/**
 * Ends Podman's monitors (conmon(8)) of containers that are gone: each stays for a while after its command
 * to keep the exit status, and then looks for a storage that may no longer be there.
 *
 * @param storage folder of the engine's containers, which the monitors name in their arguments
 */
export async function endMonitors(storage: string): Promise<void> {
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const text = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '');
    const [program = '', ...args] = text.split('\0');
    if (!program.endsWith('conmon') || !args.some((arg) => arg.startsWith(`${storage}/`))) continue;
    try {
      process.kill(Number(name), 'SIGKILL');
    } catch (fault) {
      // It may have ended by itself meanwhile.
      if ((fault as NodeJS.ErrnoException).code !== 'ESRCH') throw fault;
    }
  }
}
