import type { LimitedResource } from '../container-engine.port';

/**
 * Where a container sees how often it hit its limits, in both versions of control groups (the kernel's
 * admin-guide/cgroup-v2 and cgroup-v1/memory); a host has those of one.
 */
export const COUNTERS = [
  '/sys/fs/cgroup/memory.events',
  '/sys/fs/cgroup/memory/memory.oom_control',
  '/sys/fs/cgroup/pids.events',
  '/sys/fs/cgroup/pids/pids.events',
] as const;

/**
 * Which limit was hit, if any.
 *
 * @param counters lines `<file>:<line of it>`, as `grep -H` prints them: `max` in `memory.events` only counts
 *   what was reclaimed in time
 */
export function exhaustedResource(counters: string): LimitedResource | undefined {
  if (/memory[^:\n]*:oom_kill [1-9]/.test(counters)) return 'memory';
  return /pids\.events:max [1-9]/.test(counters) ? 'processes' : undefined;
}
