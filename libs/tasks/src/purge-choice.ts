import type { PurgePolicy } from '@fatbuildr/config';
import type { TaskEntity } from './tasks.entity';

export type EndedTask = Pick<TaskEntity, 'id' | 'parameters' | 'ended'>;

/**
 * Which tasks a policy does not keep.
 *
 * @param tasks the ended tasks of an instance, newest first
 * @param now milliseconds since the epoch
 * @param bytes what the workspace of a task takes up; asked for by the policy `size` alone
 */
export function tasksToPurge<T extends EndedTask>(
  policy: PurgePolicy,
  tasks: readonly T[],
  now: number,
  bytes: (task: T) => number,
): T[] {
  switch (policy.kind) {
    case 'older':
      return tasks.filter(({ ended }) => ended !== null && ended < now - policy.age);
    case 'last':
      return tasks.slice(policy.count);
    case 'size': {
      let sum = 0;
      // From the first that does not fit on all go, or old small ones would outlive newer great ones.
      const first = tasks.findIndex((task) => (sum += bytes(task)) > policy.bytes);
      return first === -1 ? [] : tasks.slice(first);
    }
    case 'each': {
      const kept = new Map<string, number>();
      return tasks.filter((task) => {
        const group = groupOf(task);
        const before = kept.get(group) ?? 0;
        kept.set(group, before + 1);
        return before >= policy.count;
      });
    }
  }
}

/** Tasks of one artifact belong together; those without artifact do by their name. */
function groupOf({ parameters }: EndedTask): string {
  if (parameters.name === 'artifact build') return `artifact ${parameters.artifact}`;
  if (parameters.name === 'artifact deletion') return `artifact ${parameters.artifact.name}`;
  return `task ${parameters.name}`;
}
