import { readFile } from 'node:fs/promises';

/** Limits of one process; `undefined`: unlimited. */
export interface ProcessLimits {
  openFiles: number | undefined;
  processes: number | undefined;
}

/** Podman lowers its own limit to this value before it starts a container. */
const MOST_OPEN_FILES = 1_048_576;

/** Hard limits from the text of `/proc/<pid>/limits` (proc_pid_limits(5)). */
export function parseHardLimits(text: string): ProcessLimits {
  const hard = (name: string) => {
    const value = new RegExp(`^${name}\\s+\\S+\\s+(\\S+)`, 'm').exec(text)?.[1];
    return value === undefined || value === 'unlimited' ? undefined : Number(value);
  };
  return { openFiles: hard('Max open files'), processes: hard('Max processes') };
}

/**
 * What containers may be given by a daemon without CAP_SYS_RESOURCE: never more than its own hard
 * limits. Podman lowers its own process limit to `kernel.pid_max`, so that is the most it can pass on.
 */
export function containerLimits(
  own: ProcessLimits,
  pidMax: number,
): { openFiles: number; processes: number } {
  return {
    openFiles: Math.min(own.openFiles ?? MOST_OPEN_FILES, MOST_OPEN_FILES),
    processes: Math.min(own.processes ?? pidMax, pidMax),
  };
}

export async function readContainerLimits(): Promise<{ openFiles: number; processes: number }> {
  const [limits, pidMax] = await Promise.all([
    readFile('/proc/self/limits', 'utf8'),
    readFile('/proc/sys/kernel/pid_max', 'utf8'),
  ]);
  return containerLimits(parseHardLimits(limits), Number(pidMax.trim()));
}
