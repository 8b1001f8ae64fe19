import type { TaskResult } from '@fatbuildr/protocol';
import type { TaskEntity } from './tasks.entity';

export type HookedTask = Pick<TaskEntity, 'id' | 'instance' | 'user' | 'parameters' | 'place'>;

/** How a task ended; `reason` is null for a success. */
export interface HookedOutcome {
  result: TaskResult;
  reason: string | null;
}

/**
 * What the hook learns of a task: `FATBUILDR_TASK_ID`, `FATBUILDR_TASK_NAME` …, and each parameter under
 * its own name. Lists are separated by blanks, truth values `yes` or `no`.
 *
 * @param outcome only at the end
 */
export function hookVariables(task: HookedTask, outcome?: HookedOutcome): Record<string, string> {
  const { name, ...parameters } = task.parameters;
  const variables = {
    ...texts(parameters),
    TASK_ID: task.id,
    TASK_NAME: name,
    INSTANCE: task.instance,
    USER: task.user,
    WORKSPACE: task.place,
    ...(outcome === undefined ? {} : { RESULT: outcome.result }),
    ...(outcome?.reason ? { REASON: outcome.reason } : {}),
  };
  return Object.fromEntries(
    Object.entries(variables).map(([key, value]) => [
      `FATBUILDR_${key}`,
      // The kernel ends a variable there (execve(2)); Node refuses it.
      value.replaceAll('\0', ''),
    ]),
  );
}

/** The parameters that a variable can hold; of a deleted artifact its name, version and architecture. */
function texts(parameters: object): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [key, value] of Object.entries(parameters) as [string, unknown][]) {
    const variable = key.toUpperCase();
    if (typeof value === 'string') found[variable] = value;
    else if (typeof value === 'boolean') found[variable] = value ? 'yes' : 'no';
    else if (Array.isArray(value)) {
      if (value.every((item) => typeof item === 'string')) found[variable] = value.join(' ');
    } else if (typeof value === 'object' && value !== null && 'name' in value) {
      const { name, ...rest } = value;
      Object.assign(found, texts(rest), { [variable]: String(name) });
    }
  }
  return found;
}
