import type { TaskFilter } from '@fatbuildr/protocol';
import { z } from 'zod';
import { wrongFilter } from './tasks.errors';
import { TASK_NAMES } from './task-handlers';

const seconds = z.int().nonnegative();

const FILTER = z.strictObject({
  states: z.array(z.enum(['pending', 'running', 'finished'])).optional(),
  result: z.enum(['unknown', 'failed', 'success']).optional(),
  name: z.enum(TASK_NAMES).optional(),
  artifact: z.string().optional(),
  user: z.string().optional(),
  format: z.string().optional(),
  distribution: z.string().optional(),
  derivative: z.string().optional(),
  since: seconds.optional(),
  until: seconds.optional(),
  before: z.int().nonnegative().optional(),
  limit: z.int().positive().optional(),
});

/**
 * Checks a filter that came from outside.
 *
 * @throws FatbuildrError `TASKS.FILTER` naming the member and what it may be
 */
export function checkFilter(filter: unknown): TaskFilter {
  const { success, data, error } = FILTER.safeParse(filter);
  if (success) return data;
  const { path, message } = error.issues[0]!;
  throw wrongFilter(path.map(String).join('.'), message, Object.keys(FILTER.shape));
}
