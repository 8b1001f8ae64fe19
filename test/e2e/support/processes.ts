import { readdirSync, readFileSync } from 'node:fs';

/** Live processes whose command line names the folder, as `<pid> <command line>`. */
export function processesNaming(folder: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .map((pid) => {
      try {
        return `${pid} ${readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')}`;
      } catch {
        return '';
      }
    })
    .filter((line) => line.includes(folder));
}

/** Id of the one process under a home that runs a program. */
export function processOf(home: string, program: string): number {
  const [line = ''] = processesNaming(home).filter((one) => one.includes(program));
  return Number.parseInt(line, 10);
}
